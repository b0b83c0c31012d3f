-- Snapshot contents whose backing snapshot or dataset is gone, where an absence is a fact.
SELECT c.* FROM judged_content AS c ANTI JOIN live_content AS l ON l.cluster = c.cluster AND l.name = c.name
