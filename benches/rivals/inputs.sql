-- The definitions. Variables: `deliveries` and `events`, lists of Parquet files; `campaigns`, the file of definitions.
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

SET VARIABLE as_of = (
    SELECT max(latest)
    FROM (SELECT epoch_us(max(occurred_at)) AS latest FROM read_parquet(getvariable('deliveries'))
          UNION ALL
          SELECT epoch_us(max(occurred_at)) FROM read_parquet(getvariable('events')))
);
