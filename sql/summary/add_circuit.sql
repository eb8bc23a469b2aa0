INSERT INTO summary_circuit (circuit_id, runs)
VALUES (:circuit_id, :runs)
ON CONFLICT (circuit_id) DO UPDATE SET runs = runs + excluded.runs
