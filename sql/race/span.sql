SELECT
  (SELECT day FROM race WHERE status IN ('official', 'amended') ORDER BY day LIMIT 1) AS first_day,
  (SELECT day FROM race WHERE status IN ('official', 'amended') ORDER BY day DESC LIMIT 1) AS last_day
