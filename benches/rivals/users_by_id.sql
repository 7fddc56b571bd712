-- Users as text ids: encoded once, so that everything after joins and groups by a small integer.
CREATE TEMP TABLE users AS
SELECT user_id, (row_number() OVER ())::INTEGER AS person
FROM (SELECT DISTINCT user_id FROM read_parquet(getvariable('deliveries')));

CREATE TEMP VIEW delivered AS
SELECT campaign, instance_id, person, happened_at, outcome, response_code, request_id, control_group_type,
       personalization_errors
FROM (SELECT *, epoch_us(occurred_at) AS happened_at FROM read_parquet(getvariable('deliveries')))
JOIN campaigns USING (campaign_id)
JOIN users USING (user_id);

CREATE TEMP VIEW events AS
SELECT file_index, file_row_number, person, name, epoch_us(occurred_at) AS happened_at, attributes
FROM read_parquet(getvariable('events'))
JOIN names USING (event_name)
JOIN users USING (user_id);
