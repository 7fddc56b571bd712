-- Every compared number of all campaigns, out of the views and tables of `inputs.sql` and one of the `users_*.sql`.
-- One number per audience row says everything that decides its fate: from the highest bit down its standing, a time
-- that sorts the row to be kept first, and a code. One cheap min() then collapses the attempts.

-- standing: 0 sent, 1 failed response, 2 personalization failed, 3 control group, 4 frequency capped
-- drawn: 0 into no control group, 1 the campaign's, 2 the global one, whatever became of the row
-- cell: 0 sent, 1 attempted and not sent, 2 and 3 held out (campaign and global), 4 and 5 contaminated, 6 capped
-- clock: where credits begin. opened: where comparisons do, the earliest of the raw rows
CREATE TEMP TABLE audience AS
SELECT *, CASE WHEN standing = 4 THEN 6 WHEN standing = 3 THEN 1 + drawn WHEN drawn > 0 THEN 3 + drawn
               WHEN standing = 0 THEN 0 ELSE 1 END::TINYINT AS cell
FROM (SELECT campaign, instance_id, person, attempts, opened,
             (fate >> 61)::TINYINT AS standing,
             (fate & 1023)::SMALLINT AS code,
             (last_attempt & 1023)::SMALLINT AS greatest_code,
             CASE WHEN (fate >> 61) = 1 THEN 2251799813685247 - ((fate >> 10) & 2251799813685247)::BIGINT
                  ELSE ((fate >> 10) & 2251799813685247)::BIGINT END AS clock,
             coalesce(1 + (first_draw & 1), 0)::TINYINT AS drawn
      FROM (SELECT campaign, instance_id, person,
                   min(CASE
                       WHEN outcome = 'requested' AND response_code = 200 THEN happened_at::UBIGINT << 10
                       WHEN outcome = 'requested'
                           THEN (1::UBIGINT << 61) | ((2251799813685247 - happened_at)::UBIGINT << 10)
                                | coalesce(response_code, 1000)::UBIGINT
                       WHEN outcome = 'personalization_failed'
                           THEN (2::UBIGINT << 61) | (happened_at::UBIGINT << 10)
                       WHEN outcome = 'control_group'
                           THEN (3::UBIGINT << 61) | (happened_at::UBIGINT << 10)
                                | coalesce(control_group_type = 'global', FALSE)::UBIGINT
                       ELSE (4::UBIGINT << 61) | (happened_at::UBIGINT << 10)
                       END) AS fate,
                   min(happened_at) AS opened,
                   max((happened_at::UBIGINT << 10) | coalesce(response_code, 1000)::UBIGINT)
                       FILTER (outcome = 'requested') AS last_attempt,
                   (count(*) FILTER (outcome = 'requested'))::INTEGER AS attempts,
                   min((happened_at << 1) | coalesce(control_group_type = 'global', FALSE)::BIGINT)
                       FILTER (outcome = 'control_group') AS first_draw
            FROM delivered
            GROUP BY ALL));

-- Of several failed attempts at the same instant the one with the greatest request id is the last. That can matter
-- only where their codes differ: mostly nowhere, and the join with nothing costs nothing.
CREATE TEMP TABLE tied AS
SELECT campaign, instance_id, person,
       arg_max(coalesce(response_code, 1000), (coalesce(request_id, ''), coalesce(response_code, -1))) AS code
FROM delivered
JOIN (SELECT * FROM audience WHERE standing = 1 AND greatest_code <> code) USING (campaign, instance_id, person)
WHERE outcome = 'requested' AND happened_at = clock
GROUP BY ALL;

UPDATE audience SET code = tied.code FROM tied
WHERE audience.campaign = tied.campaign AND audience.instance_id = tied.instance_id
  AND audience.person = tied.person;

-- Campaigns are compared with a control group where any row was drawn into one.
CREATE TEMP TABLE rules AS
SELECT campaign, attribution_window, bool_or(drawn > 0) AS is_compared
FROM audience JOIN campaigns USING (campaign)
GROUP BY ALL;

-- Sent rows are credited; in comparisons rows of every outcome compete for an event.
CREATE TEMP VIEW targets AS
SELECT campaign, instance_id, person, cell, opened, clock, is_compared,
       standing = 0 AS is_sent, opened + attribution_window AS comparison_closes,
       CASE WHEN standing = 0 THEN clock ELSE opened END + attribution_window AS closes
FROM audience JOIN rules USING (campaign)
WHERE standing = 0 OR is_compared;

-- By user and window alone: few pairs are left, and the optimizer would rather join the goals first.
CREATE TEMP TABLE eligible AS
SELECT file_index, file_row_number, campaign, name, cell, person, instance_id, opened, clock, happened_at, attributes,
       is_sent AND happened_at >= clock AS is_creditable,
       is_compared AND happened_at <= comparison_closes AS is_comparable
FROM events
JOIN targets USING (person)
WHERE happened_at BETWEEN opened AND closes;

CREATE TEMP TABLE matched AS
SELECT file_index, file_row_number, campaign, goal, is_primary, cell, person, instance_id, opened, clock, happened_at,
       is_creditable, is_comparable,
       revenue IS NOT NULL AND value IS NULL AS is_without_value,
       revenue IS NOT NULL AND own_currency IS NOT NULL AND own_currency <> currency AS is_foreign,
       CASE WHEN own_currency IS NULL OR own_currency = currency THEN value END AS amount
FROM (SELECT eligible.*, goal, is_primary, revenue, currency,
             CASE WHEN revenue IS NOT NULL
                  THEN try_cast(json_extract_string(attributes, revenue) AS DECIMAL(38, 6)) END AS value,
             CASE WHEN revenue IS NOT NULL THEN json_extract_string(attributes, '$.currency') END AS own_currency
      FROM eligible
      JOIN goals USING (campaign, name)
      WHERE attribute IS NULL OR json_extract(attributes, attribute) = wanted);

CREATE TEMP TABLE credits AS
SELECT campaign, goal, is_primary, person, instance_id, happened_at, happened_at - clock AS delay,
       is_without_value, is_foreign, amount
FROM matched
WHERE is_creditable
QUALIFY row_number() OVER (
    PARTITION BY file_index, file_row_number, campaign, goal ORDER BY clock DESC, instance_id DESC
) = 1;

CREATE TEMP TABLE user_days AS
SELECT campaign, local_day(clock) AS day, person, count(*) AS attempted, count(*) FILTER (standing = 0) AS sent
FROM audience WHERE standing <= 2
GROUP BY ALL;

CREATE TEMP TABLE delivery AS
SELECT campaign,
       count(*) AS attempted_unique, sum(attempted)::BIGINT AS attempted_total,
       count(*) FILTER (sent > 0) AS sent_unique, sum(sent)::BIGINT AS sent_total,
       count(*) FILTER (sent < attempted) AS failed_unique, sum(attempted - sent)::BIGINT AS failed_total
FROM (SELECT campaign, person, sum(attempted)::BIGINT AS attempted, sum(sent)::BIGINT AS sent
      FROM user_days GROUP BY ALL)
GROUP BY ALL;

CREATE TEMP TABLE days AS
SELECT *
FROM (SELECT campaign, day,
             count(*) AS attempted_unique, sum(attempted)::BIGINT AS attempted_total,
             count(*) FILTER (sent > 0) AS sent_unique, sum(sent)::BIGINT AS sent_total,
             count(*) FILTER (sent < attempted) AS failed_unique, sum(attempted - sent)::BIGINT AS failed_total
      FROM user_days GROUP BY ALL)
FULL JOIN (SELECT campaign, local_day(happened_at) AS day, count(*) AS conversion_events, sum(amount) AS revenue
           FROM credits WHERE is_primary GROUP BY ALL) USING (campaign, day);

CREATE TEMP TABLE quality AS
SELECT campaign, request_attempts, matured, coalesce(contaminated_users, 0) AS contaminated_users
FROM (SELECT campaign, sum(attempts)::BIGINT AS request_attempts,
             count(*) FILTER (standing = 0 AND clock + attribution_window <= getvariable('as_of')) AS matured
      FROM audience JOIN campaigns USING (campaign) GROUP BY ALL)
LEFT JOIN (SELECT campaign, count(DISTINCT person) AS contaminated_users
           FROM audience WHERE cell IN (4, 5) GROUP BY ALL) USING (campaign);

CREATE TEMP TABLE errors AS
SELECT campaign, standing, code, count(*) AS unique_users, sum(total)::BIGINT AS total
FROM (SELECT campaign, standing, code, person, count(*) AS total FROM audience WHERE standing > 0 GROUP BY ALL)
GROUP BY ALL;

CREATE TEMP TABLE personalization AS
SELECT campaign, category, count(DISTINCT person) AS unique_users, count(*) AS total
FROM (SELECT DISTINCT campaign, instance_id, person,
             unnest(CASE WHEN len(personalization_errors) > 0
                         THEN list_transform(personalization_errors, lambda error: error.category)
                         ELSE ['unknown'] END) AS category
      FROM delivered WHERE outcome = 'personalization_failed')
SEMI JOIN (SELECT * FROM audience WHERE standing = 2) USING (campaign, instance_id, person)
GROUP BY ALL;

CREATE TEMP TABLE conversions AS
SELECT campaign, goal, sum(instances)::BIGINT AS converted_users, count(*) AS converted_people,
       sum(events)::BIGINT AS conversion_events, sum(revenue) AS revenue,
       sum(without_value)::BIGINT AS events_without_value, sum(in_other_currency)::BIGINT AS events_in_other_currency
FROM (SELECT campaign, goal, person, count(DISTINCT instance_id) AS instances, count(*) AS events,
             sum(amount) AS revenue, count(*) FILTER (is_without_value) AS without_value,
             count(*) FILTER (is_foreign) AS in_other_currency
      FROM credits GROUP BY ALL)
GROUP BY ALL;

-- Percentiles between the order statistics around rank (n - 1) p, exact until the one division.
CREATE TEMP TABLE delays AS
SELECT campaign, goal,
       list_transform([50, 75, 90, 95], lambda part:
           (ordered[(n - 1) * part // 100 + 1] * (100 - (n - 1) * part % 100)
            + ordered[least((n - 1) * part // 100 + 2, n)] * ((n - 1) * part % 100))::DOUBLE / 1e8) AS seconds
FROM (SELECT campaign, goal, list_sort(list(delay)) AS ordered, count(*) AS n
      FROM credits GROUP BY ALL);

CREATE TEMP TABLE ranked AS
SELECT *, row_number() OVER (PARTITION BY campaign ORDER BY sent DESC, first_clock, instance_id) AS place
FROM (SELECT campaign, instance_id,
             count(*) FILTER (standing <= 2) AS attempted, count(*) FILTER (standing = 0) AS sent,
             count(*) FILTER (standing IN (1, 2)) AS failed, min(clock) AS first_clock
      FROM audience GROUP BY ALL)
LEFT JOIN (SELECT campaign, instance_id, count(DISTINCT person) AS converted_users, count(*) AS conversion_events
           FROM credits WHERE is_primary GROUP BY ALL) USING (campaign, instance_id);

CREATE TEMP TABLE instances AS
SELECT campaign, CASE WHEN place <= getvariable('listed') THEN instance_id END AS instance_id,
       sum(attempted)::BIGINT AS attempted, sum(sent)::BIGINT AS sent, sum(failed)::BIGINT AS failed,
       coalesce(sum(converted_users), 0)::BIGINT AS converted_users,
       coalesce(sum(conversion_events), 0)::BIGINT AS conversion_events
FROM ranked
GROUP BY ALL;
