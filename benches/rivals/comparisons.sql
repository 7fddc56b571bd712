-- What the arms of comparisons have, out of the tables of `figures.sql`.

-- Windows of one campaign have one length: an event that came too late for the latest row did for all.
CREATE TEMP TABLE belonging AS
SELECT * EXCLUDE (place)
FROM (SELECT campaign, goal, person, instance_id, cell, amount, row_number() OVER (
                 PARTITION BY file_index, file_row_number, campaign, goal ORDER BY opened DESC, instance_id DESC
             ) AS place
      FROM matched
      WHERE is_comparable)
WHERE place = 1 AND cell < 6;

-- The arms of comparisons, by the cells they are made of, and the cell of each user's first row that was assigned.
CREATE TEMP TABLE drawn_users AS
SELECT campaign, person,
       count(*) FILTER (cell = 0) AS sent, count(*) FILTER (cell <= 1) AS attempted,
       count(*) FILTER (cell = 2) AS held_campaign, count(*) FILTER (cell IN (2, 4)) AS drawn_campaign,
       count(*) FILTER (cell = 3) AS held_global, count(*) FILTER (cell IN (3, 5)) AS drawn_global,
       arg_min(cell, (opened, instance_id)) AS first_cell
FROM audience
SEMI JOIN (SELECT campaign FROM rules WHERE is_compared) USING (campaign)
WHERE cell < 6
GROUP BY ALL;

CREATE TEMP TABLE arms AS
SELECT campaign, unnest([
           {arm: 'sent', rows: sum(sent), people: count(*) FILTER (sent > 0)},
           {arm: 'attempted', rows: sum(attempted), people: count(*) FILTER (attempted > 0)},
           {arm: 'held_campaign', rows: sum(held_campaign), people: count(*) FILTER (held_campaign > 0)},
           {arm: 'drawn_campaign', rows: sum(drawn_campaign), people: count(*) FILTER (drawn_campaign > 0)},
           {arm: 'held_global', rows: sum(held_global), people: count(*) FILTER (held_global > 0)},
           {arm: 'drawn_global', rows: sum(drawn_global), people: count(*) FILTER (drawn_global > 0)}
       ], recursive := TRUE)
FROM drawn_users
GROUP BY campaign;

CREATE TEMP TABLE arm_conversions AS
SELECT campaign, goal, arm, sum(instances)::BIGINT AS converted_users, count(*) AS converted_people,
       sum(revenue) AS revenue
FROM (SELECT campaign, goal, arm, person, count(DISTINCT instance_id) AS instances, sum(amount) AS revenue
      FROM belonging
      JOIN (VALUES (0, 'sent'), (0, 'attempted'), (1, 'attempted'), (2, 'held_campaign'), (2, 'drawn_campaign'),
                   (4, 'drawn_campaign'), (3, 'held_global'), (3, 'drawn_global'), (5, 'drawn_global')
           ) AS made_of(cell, arm) USING (cell)
      GROUP BY ALL)
GROUP BY ALL;

CREATE TEMP TABLE draws AS
SELECT campaign, count(*) FILTER (first_cell NOT IN (3, 5)) AS users,
       count(*) FILTER (first_cell IN (2, 4)) AS observed_users
FROM drawn_users
GROUP BY campaign
UNION ALL
SELECT campaign, attempted_unique, 0
FROM delivery
SEMI JOIN (SELECT campaign FROM rules WHERE NOT is_compared) USING (campaign);
