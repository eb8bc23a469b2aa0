INSERT INTO summary_month (month, races, runs, results_pending)
VALUES (:month, :races, :runs, :results_pending)
ON CONFLICT (month) DO UPDATE SET
  races = races + excluded.races,
  runs = runs + excluded.runs,
  results_pending = results_pending + excluded.results_pending
