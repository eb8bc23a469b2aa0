UPDATE mark SET mark = random() WHERE id = 1
