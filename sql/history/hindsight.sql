SELECT day, known_at_ms, gone_at_ms, hindsight.race_id, win, place
FROM (
  SELECT
    each.value AS race_id,
    coalesce((
      SELECT sure.day
      FROM hindsight AS sure
      WHERE sure.race_id = each.value AND sure.day < :from AND sure.known_at_ms <= :since_ms
        AND (sure.gone_at_ms IS NULL OR sure.gone_at_ms > :as_of_ms)
      ORDER BY sure.day DESC
      LIMIT 1), '') AS since
  FROM json_each(:races) AS each) AS asked
CROSS JOIN hindsight
WHERE hindsight.race_id = asked.race_id
  AND day >= asked.since
  AND day < :day
  AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :since_ms)
ORDER BY hindsight.race_id, day DESC, known_at_ms DESC
