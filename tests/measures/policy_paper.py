"""A made-up text of the policy's shape, written from the catalogue's data: our sentences, its titles and figures."""

import textwrap

from measures.catalogue import shipped
from measures.models import Measure

# An invented sentence for each entry with a figure; the mark and the figure are what the check looks for.
SENTENCES = {
    "08-01": "凡是{mark}的示例企业，按不超过示例投资的 10%、最高 500万元补一点材料费。",
    "09-03": "凡是{mark}的示例企业，市里不超过 20 万元；",
    "09-04": "凡是{mark}的示例企业，市里不超过10万元。",
}


def paragraphs() -> list[str]:
    """The whole text, a string a paragraph, as a clean copy has it."""
    policy = shipped.policy()
    since, until = policy.in_force_from, policy.in_force_to
    lines = [
        policy.legal_basis,
        "各示例单位：",
        f"《{policy.name}》是测试用的示例文本，现印发给测试。",
        "示例办公室",
        "2024年 9月 27日",
        "下面的句子都是为测试编写的。",
    ]
    chapter = ""
    for measure in shipped.measures():
        if measure.chapter != chapter:
            chapter = measure.chapter
            lines.append(chapter)
        lines.append(_measure(measure))
    lines.append(
        f"本措施自 {since.year}年 {since.month}月 {since.day}日起实施，有效期至 {until.year} 年 {until.month}月 "
        f"{until.day}日。示例文本到此结束。"
    )
    return lines


def _measure(measure: shipped.ShippedMeasure) -> str:
    names = {office.code: office.short_name for office in shipped.offices()}
    units = [names[code] for code in measure.units] + [shipped.DISTRICTS_NAME] * measure.all_districts
    figures = "".join(
        SENTENCES[item.code].format(mark=item.mark) for item in measure.items if item.code in SENTENCES
    )
    filler = "这一句没有内容，只是为了让段落足够长，好在排版时换行。" * 3
    numeral = Measure(number=measure.number).numeral
    return f"（{numeral}）{measure.title}。{filler}{figures}{filler}（责任单位：{'、'.join(units)}）"


def clean_copy() -> str:
    """A paragraph a line, a blank line between."""
    return "\n\n".join(paragraphs()) + "\n"


def as_extracted(text: str = "") -> str:
    """The same after a PDF extraction: wrapped lines, a blank line after each, stray page numbers and spaces."""
    lines = []
    for number, paragraph in enumerate((text or clean_copy()).split("\n\n")):
        wrapped = textwrap.wrap(paragraph.strip(), 28, drop_whitespace=False)
        if number % 4 == 0:
            wrapped.insert(len(wrapped) // 2, ["2", "- 3 -", "— 4 —", "5 "][number // 4 % 4])
        lines += [f" {line} " for line in wrapped]
    return "\n\n".join(lines) + "\n\n \n"
