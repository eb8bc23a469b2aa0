-- What lists need to begin in the middle of: the races of a meeting, of a track and of a dog, and
-- the names of a dog.
CREATE INDEX race_by_meeting ON race (meeting_id);
CREATE INDEX meeting_by_track ON meeting (track_id, day);
CREATE INDEX runner_by_dog ON runner (dog_id);
CREATE INDEX dog_name_by_dog ON dog_name (dog_id);
