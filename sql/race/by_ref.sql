SELECT race.id, race.meeting_id, race.day, race.number, race.local_time, race.circuit_id
FROM race_ref
JOIN race ON race.id = race_ref.race_id
WHERE race_ref.source = :source AND race_ref.ref = :ref
