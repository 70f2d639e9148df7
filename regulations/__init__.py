"""The law as data: packs of cited rules, deadlines, standard code lists."""
