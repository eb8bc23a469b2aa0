DELETE FROM summary
