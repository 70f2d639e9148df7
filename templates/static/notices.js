// Asks WeChat to show its button for notifications, and tells what came of it. What was chosen reaches the office by
// WeChat itself, so this page sends nothing.
const state = document.getElementById("state");
const ask = document.getElementById("ask");
const { app, timestamp, nonce, signature } = document.body.dataset;

function tell(name) {
  state.textContent = state.dataset[name];
}

function statusOf(details) {
  try {
    return Object.values(JSON.parse(details)).map((one) => JSON.parse(one).status);
  } catch {
    return [];
  }
}

function begin() {
  document.addEventListener("WeixinOpenTagsError", () => tell("old"));
  window.wx.error(() => tell("failed"));
  window.wx.ready(() => {
    ask.hidden = false;
    state.textContent = "";
  });
  ask.addEventListener("success", (event) => {
    tell(statusOf(event.detail.subscribeDetails).includes("accept") ? "agreed" : "declined");
  });
  ask.addEventListener("error", () => tell("failed"));
  window.wx.config({
    appId: app,
    timestamp: Number(timestamp),
    nonceStr: nonce,
    signature,
    jsApiList: [],
    openTagList: ["wx-open-subscribe"],
  });
}

if (!/MicroMessenger/i.test(navigator.userAgent)) {
  tell("elsewhere");
} else if (!window.wx) {
  tell("failed");
} else {
  begin();
}
