SELECT
  track.slug, track.name, coalesce(summary_track.races, 0) AS races, summary_track.first_day,
  summary_track.last_day,
  (SELECT coalesce(sum(summary_circuit.runs), 0)
   FROM circuit
   CROSS JOIN summary_circuit ON summary_circuit.circuit_id = circuit.id
   WHERE circuit.track_id = track.id) AS runs
FROM track
LEFT JOIN summary_track ON summary_track.track_id = track.id
ORDER BY track.slug
