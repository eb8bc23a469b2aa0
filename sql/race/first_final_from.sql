SELECT
  (SELECT day
   FROM race
   WHERE day >= :day AND status IN ('official', 'amended')
   ORDER BY day
   LIMIT 1) AS first_day
