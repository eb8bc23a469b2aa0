RELEASE attempt
