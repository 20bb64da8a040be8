"""The shipped rule of 09-04 as somebody would write it in SQL, to measure the compiled one against."""

RULE_0904 = """
    SELECT e.id,
        i.industry AS statistical_industry, f1.revenue / NULLIF(f2.revenue, 0) - 1 AS growth,
        e.state <> 'closed' AS c0,
        CASE SUBSTR(e.uscc, 3, 2) WHEN '31' THEN true WHEN '10' THEN NULL ELSE false END AS c1,
        e.legal_form IN ('company', 'institution') AS c2,
        SUBSTRING(i.industry FROM '^[A-Z]?([0-9]{2})') IN ('73', '74', '75') AS c3,
        f1.revenue / NULLIF(f2.revenue, 0) - 1 >= 0.2 AS c4,
        CASE WHEN c.listed OR c.clean_since > %(day)s THEN 0
            ELSE EXTRACT(YEAR FROM AGE(%(day)s::date, c.clean_since)) END >= 3 AS c5,
        NOT EXISTS (
            SELECT 1 FROM enterprises_supportrecord s
            WHERE s.enterprise_id = e.id AND s.item_code = '09-04' AND s.year = %(year)s
                AND s.recorded_at <= %(moment)s
        ) AS c6,
        m.kind IS DISTINCT FROM 'moved_out' AS c7
    FROM enterprises_enterprise e
    LEFT JOIN enterprises_yearlyfigure f1 ON f1.enterprise_id = e.id AND f1.valid_for = %(year)s - 1
        AND f1.recorded_at <= %(moment)s AND NOT EXISTS (
            SELECT 1 FROM enterprises_yearlyfigure l
            WHERE l.enterprise_id = f1.enterprise_id AND l.valid_for = %(year)s - 1
                AND l.recorded_at <= %(moment)s AND (l.recorded_at, l.id) > (f1.recorded_at, f1.id))
    LEFT JOIN enterprises_yearlyfigure f2 ON f2.enterprise_id = e.id AND f2.valid_for = %(year)s - 2
        AND f2.recorded_at <= %(moment)s AND NOT EXISTS (
            SELECT 1 FROM enterprises_yearlyfigure l
            WHERE l.enterprise_id = f2.enterprise_id AND l.valid_for = %(year)s - 2
                AND l.recorded_at <= %(moment)s AND (l.recorded_at, l.id) > (f2.recorded_at, f2.id))
    LEFT JOIN enterprises_statisticalinclusion i ON i.enterprise_id = e.id
        AND i.recorded_at <= %(moment)s AND NOT EXISTS (
            SELECT 1 FROM enterprises_statisticalinclusion l
            WHERE l.enterprise_id = i.enterprise_id AND l.recorded_at <= %(moment)s
                AND (l.recorded_at, l.id) > (i.recorded_at, i.id))
    LEFT JOIN enterprises_creditcheck c ON c.enterprise_id = e.id
        AND c.as_of <= %(day)s AND c.recorded_at <= %(moment)s AND NOT EXISTS (
            SELECT 1 FROM enterprises_creditcheck l
            WHERE l.enterprise_id = c.enterprise_id AND l.as_of <= %(day)s
                AND l.recorded_at <= %(moment)s AND (l.as_of, l.id) > (c.as_of, c.id))
    LEFT JOIN enterprises_enterprisechange m ON m.enterprise_id = e.id AND m.kind IN ('moved_out', 'moved_in')
        AND m.effective_on <= %(day)s AND m.recorded_at <= %(moment)s AND NOT EXISTS (
            SELECT 1 FROM enterprises_enterprisechange l
            WHERE l.enterprise_id = m.enterprise_id AND l.kind IN ('moved_out', 'moved_in')
                AND l.effective_on <= %(day)s AND l.recorded_at <= %(moment)s
                AND (l.effective_on, l.id) > (m.effective_on, m.id))
"""
EVERY = "c0 AND c1 AND c2 AND c3 AND c4 AND c5 AND c6 AND c7"
COUNTS = f"""
    SELECT COUNT(*) FILTER (WHERE eligible), COUNT(*) FILTER (WHERE NOT eligible),
        COUNT(*) FILTER (WHERE eligible IS NULL), COUNT(*) FILTER (WHERE eligible) * 100000.00
    FROM (SELECT {EVERY} AS eligible FROM ({RULE_0904} OFFSET 0) answer) judged
"""  # noqa: S608  a constant
SCREEN = f"CREATE TEMP TABLE by_hand AS SELECT *, {EVERY} AS eligible FROM ({RULE_0904} OFFSET 0) answer"  # noqa: S608
