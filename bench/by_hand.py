"""The shipped rule of 09-04 as somebody would write it in SQL, to measure the compiled one against."""

RULE_0904 = """
    SELECT e.id, e.uscc, e.name, e.district_id,
        e.state <> 'closed' AS c0,
        CASE SUBSTR(e.uscc, 3, 2) WHEN '31' THEN true WHEN '10' THEN NULL ELSE false END AS c1,
        e.legal_form IN ('company', 'institution') AS c2,
        SUBSTRING(i.industry FROM '^[A-Z]?([0-9]{2})') AS division,
        f1.revenue / NULLIF(f2.revenue, 0) - 1 AS growth,
        CASE WHEN c.listed OR c.clean_since > %(day)s THEN 0
            ELSE EXTRACT(YEAR FROM AGE(%(day)s::date, c.clean_since)) END AS clean_years,
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
MET = (
    *("c0", "c1", "c7", "c2"),
    *("division IN ('73', '74', '75')", "growth >= 0.2", "clean_years >= 3", "c6"),
)
JUDGED = f"""
    SELECT *, {" AND ".join(f"m{n}" for n in range(len(MET)))} AS eligible
    FROM (
        SELECT *, {", ".join(f"{one} AS m{n}" for n, one in enumerate(MET))} FROM ({RULE_0904} OFFSET 0) facts
        OFFSET 0
    ) met
"""  # noqa: S608  a constant
COUNTS = f"""
    SELECT COUNT(*) FILTER (WHERE eligible), COUNT(*) FILTER (WHERE NOT eligible),
        COUNT(*) FILTER (WHERE eligible IS NULL), COUNT(*) FILTER (WHERE eligible) * 100000.00
    FROM ({JUDGED} OFFSET 0) judged
"""  # noqa: S608  a constant
# Into the same table, with the same indexes: the answer, each condition, each fact and the award as text.
STORE = f"""
    INSERT INTO measures_screeningrow
        (screening_id, enterprise_id, uscc, name, district_id, eligible, ready, amount, met, "values")
    SELECT %(screening)s, id, uscc, name, district_id, eligible, eligible, CASE WHEN eligible THEN 100000.00 END,
        ARRAY[{", ".join(f"m{n}" for n in range(len(MET)))}],
        jsonb_build_array(c0::text, c1::text, c7::text, c2::text, division, growth::text, clean_years::text, c6::text,
            CASE WHEN eligible IS NOT FALSE THEN '100000.00' END)
    FROM ({JUDGED} OFFSET 0) judged
"""  # noqa: S608  a constant
