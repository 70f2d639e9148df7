"""A whole talk as somebody types it who rents a flat and works: for tests in which the talk itself isn't the matter."""

BEFORE_PAPERS = (
    "你好", "同意", "外地", "1", "1", "自己", "{id_number}", "{name}", "汉", "{hukou_address}", "{phone}", "初中",
    "跳过", "跳过", "1", "1", "{address}", "租", "{landlord_name}", "{landlord_phone}", "昨天", "1", "工作",
    "{employer}", "餐饮", "交",
)  # fmt: skip
TALK = (*BEFORE_PAPERS, "到窗口出示", "以后", "提交")
FACTS = {
    "id_number": "11010519491231002X",
    "name": "李伟",
    "hukou_address": "安徽省阜南县王店镇李庄村3组12号",
    "phone": "13812345678",
    "address": "幸福路18号3幢502室",
    "landlord_name": "王芳",
    "landlord_phone": "跳过",
    "employer": "幸福餐馆",
}


def typed(lines: tuple[str, ...] = TALK, /, **facts: str) -> list[str]:
    """The lines with a person's facts in them."""
    return [line.format(**(FACTS | facts)) for line in lines]
