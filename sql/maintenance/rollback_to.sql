ROLLBACK TO attempt
