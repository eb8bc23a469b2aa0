DELETE FROM summary_score
