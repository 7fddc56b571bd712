-- The files hold an integer for each user, the same in both tables.
CREATE TEMP VIEW delivered AS
SELECT campaign, instance_id, user_key AS person, happened_at, outcome, response_code, request_id, control_group_type,
       personalization_errors
FROM (SELECT *, epoch_us(occurred_at) AS happened_at FROM read_parquet(getvariable('deliveries')))
JOIN campaigns USING (campaign_id);

CREATE TEMP VIEW events AS
SELECT file_index, file_row_number, user_key AS person, name, epoch_us(occurred_at) AS happened_at, attributes
FROM read_parquet(getvariable('events'))
JOIN names USING (event_name);
