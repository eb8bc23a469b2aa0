SELECT month, races, runs, results_pending
FROM summary_month
ORDER BY month
