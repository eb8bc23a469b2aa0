DELETE FROM summary_month
