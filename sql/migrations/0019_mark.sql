-- A number that no other state of the facts has: whoever keeps what was said from them outside of
-- the database sees by it whether they are still the same.
CREATE TABLE mark (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  mark INTEGER NOT NULL
) STRICT;
INSERT INTO mark (id, mark) VALUES (1, random());
