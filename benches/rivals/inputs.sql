-- What the computation starts from. Variables: `deliveries` and `events`, lists of Parquet files; `campaigns`, the
-- campaign definitions; `user_id` is replaced by the name of the column that tells users apart.
CREATE TEMP TABLE definitions AS
SELECT (row_number() OVER ())::SMALLINT - 1 AS campaign, *
FROM read_json(getvariable('campaigns'), columns = {
    campaign_id: 'VARCHAR', attribution_window_hours: 'DOUBLE',
    goals: 'STRUCT(goal_id VARCHAR, event_name VARCHAR, is_primary BOOLEAN,
                   filters STRUCT(attribute VARCHAR, op VARCHAR, value JSON)[],
                   revenue STRUCT(attribute VARCHAR, currency VARCHAR))[]'
});

CREATE TEMP TABLE campaigns AS
SELECT campaign, campaign_id, (coalesce(attribution_window_hours, 36) * 3600000000)::BIGINT AS attribution_window
FROM definitions;

CREATE TEMP TABLE names AS
SELECT event_name, (row_number() OVER ())::SMALLINT AS name
FROM (SELECT DISTINCT unnest(goals).event_name AS event_name FROM definitions);

-- The workload marks no goal as primary and gives a goal at most one filter, `is` on a text.
CREATE TEMP TABLE goals AS
SELECT campaign, goal, goals[goal].goal_id AS goal_id, name, goal = 1 AS is_primary,
       '$."' || goals[goal].filters[1].attribute || '"' AS attribute, goals[goal].filters[1].value AS wanted,
       '$."' || goals[goal].revenue.attribute || '"' AS revenue, goals[goal].revenue.currency AS currency
FROM (SELECT campaign, goals, unnest(range(1, len(goals) + 1))::TINYINT AS goal FROM definitions)
JOIN names ON event_name = goals[goal].event_name;

CREATE TEMP VIEW delivered AS
SELECT campaign, instance_id, user_id AS person, happened_at, outcome, response_code, request_id, control_group_type,
       personalization_errors
FROM (SELECT *, epoch_us(occurred_at) AS happened_at FROM read_parquet(getvariable('deliveries')))
JOIN campaigns USING (campaign_id);

CREATE TEMP VIEW events AS
SELECT file_index, file_row_number, user_id AS person, name, epoch_us(occurred_at) AS happened_at, attributes
FROM read_parquet(getvariable('events'))
JOIN names USING (event_name);

SET VARIABLE as_of = (
    SELECT max(latest)
    FROM (SELECT epoch_us(max(occurred_at)) AS latest FROM read_parquet(getvariable('deliveries'))
          UNION ALL
          SELECT epoch_us(max(occurred_at)) FROM read_parquet(getvariable('events')))
);
