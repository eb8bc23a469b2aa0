-- shadow: 1 for what a model said that was not in force. It is for judging, never the answer.
ALTER TABLE prediction ADD COLUMN shadow INTEGER NOT NULL DEFAULT 0 CHECK (shadow IN (0, 1));
