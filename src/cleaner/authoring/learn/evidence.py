"""Is what returns a mark of the site, or the author's? Evidence for and against, each with its share of the sum.

Returning is not enough: statutes, refrains, headings and turns of speech return as well. A mark stands at a fixed place
of many files, or where no sentence has room for it, and says what a distributor says. The report shows every share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from ...engine.stamps import MEAN, NAMED, STRONG, SUM, WEAK
from ...engine.stamps import OFTEN as OFTEN_IN
from .counting import Counts
from .folded import EAST, WINDOW
from .gathering import EDGES, Mark

ADDRESS = re.compile(
    r"www\W|https?:|[A-Za-z0-9-]{2,}\s?[.。．·]\s?(?:com|net|org|cn|cc|info|xyz|top|vip|la|tw|jp|kr"
    r"|example)(?![A-Za-z])",
    re.IGNORECASE,
)
ADDRESS_LETTERS = re.compile(  # not internet
    r"www[a-z0]{3}|https?www|[a-z0]{4}(?:com|net|org)(?=[\u2e80-\uffff])"
    r"|(?<=[\u2e80-\uffff])[a-z0]{4,20}(?:com|net|org)(?![a-z])"
)
HOST = re.compile(r"([A-Za-z0-9-]{5,})\s?[.。．]\s?[a-z]{2,7}\b", re.IGNORECASE)
ODD = re.compile(
    r"(?<=\w)(?:[^\w\s，。！？、…：；“”‘’「」『』《》（）—,.!?:;'\"()-]|[.,*_-](?=[\u4e00-\u9fff]))+(?=\w)"
)
BAR, WEAK_BAR = 1.0, 0.6  # of the sum: proposed; proposed and switched off
OFTEN, MANY, SOME = 0.5, 0.2, 0.05  # shares of the works
SHORTEST = 4  # letters of a rule
REFRAIN = 2.0  # places in each file
SHORT, REFRAINS = "is very short", "returns within a file, as a refrain does"
AMONG = "always among the same lines, as a quotation is"
IS_HEADING, IS_SAID, IS_FORMULA, IS_CODE = (
    "reads as a heading", "is what somebody says", "is a formula of statutes, courts or exams", "is code",
)  # fmt: skip
LEADS = "something else follows each time, as after a heading"
OF_AUTHORS = {LEADS, IS_HEADING, IS_SAID, IS_FORMULA, IS_CODE}

SITE = re.compile(
    r"网站|站点|书[屋库城吧苑阁斋社坊]|文库|论坛|贴吧|公众号|公號|微信|微博|客户端|ＱＱ|\bqq\b|[qQ]群|加群"
    r"|书友群|交流群|扫码|二维码"
    r"|[aA][pP][pP]\b|下载|整理|扫描|校对|最快|提供下载|转载|收集|首发|连载|更新[快最]|记住本|收藏本|推荐本"
    r"|投[票推]|月票|打赏|求推荐|点击|链接|网址|地址"
    r"|版权|著作权|侵权|备案|ICP|许可证|举报|免责|声明|来源[：:]|责任编辑|责编|本文来自|原文链接|联系我们|客服"
    r"|热线|电话|邮箱|传真|淘宝|购买|优惠|会员|注册"
    r"|広告|無断|転載|ログイン|会員|無料|登録|저작권|무단|전재|재배포|기자|구독|로그인"
)
MENU = re.compile(
    r"^(?:首页|主页|登[录陆]|注册|搜索|上一[篇页章]|下一[篇页章]|返回\w{1,6}|目录|分享\w{0,8}|收藏|评论\w{0,6}"
    r"|回复|点赞|打印|关闭|导航|更多\w{0,6}|热门\w{0,6}"
    r"|相关\w{0,6}|推荐\w{0,6}|(?:log|sign) ?(?:in|up|out)|home|menu|search|(?:skip|jump) to .{1,30}"
    r"|share\b.{0,30}|subscribe\b.{0,60}"
    r"|contact(?: us)?|about(?: us)?|privacy.{0,30}|terms.{0,30}|cookies?.{0,40}|help|faqs?|careers|cart"
    r"|checkout|my account|accessibility.{0,20}"
    r"|follow us.{0,30}|newsletters?.{0,30}|(?:read|view|see|show|load) (?:more|all).{0,30}|next|previous"
    r"|back to .{1,30}|related .{1,30})$",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"©|copyright|all rights reserved|https?:|www|\bcookies?\b|unsubscribe|newsletter|sign up|log ?in"
    r"|subscribe|download(?:ed)? (?:from|at)"
    r"|free (?:e-?books?|shipping)|visit us|powered by|sponsored|advertis|terms of|privacy|(?:scanned|uploaded"
    r"|converted|distributed) by"
    r"|\btrademark|sent (?:from|with) my|confidential|click here|for more\b",
    re.IGNORECASE,
)
HEADING = re.compile(
    r"^\W*(?:第?[0-9０-９〇零一二三四五六七八九十百千两]+\W{0,2}[章节回卷部集篇幕话編编条款]"
    r"|[卷章][0-9一二三四五六七八九十]|chapter\b|part\b|book\b|section\b|act\b|scene\b"
    r"|序[章言幕]?\W*$|楔子|引子|尾声|后记|前言|番外|目\s*录|正文\W*$|终章|附[录件则]|contents\W*$|preface"
    r"|prologue|epilogue|appendix|introduction\W*$|notes?\W*$|index\W*$"
    r"|[#*=\-]{1,6}\s|[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十0-9]{1,3}[)）])",
    re.IGNORECASE,
)
LISTED = re.compile(r"^\W*(?:[0-9０-９]+|[A-Za-zＡ-Ｚ])[.、．)）:：]|^\W*[-*+•·]\s")
SPEECH = re.compile(
    r"^[“「『\"‘]|^[—–-](?!.*[—–-]\W*$)|[：:]\s*[“「『\"]|[”」』\"]$"
    r"|[\u4e00-\u9fff]{0,12}(?:说|道|问|答|笑|叫|喊|想|点头|摇头|叹)(?:了[^\n]{0,4}|着[^\n]{0,4}|道)?[：:，。]?$"
)
FORMULA = re.compile(
    r"本法|本条例|本规定|本办法|本细则|本决定|本解释|施行|主席令|国务院令|人民代表大会|常务委员会|会议通过"
    r"|修正案|条规定|依照|法律|本院认为|人民法院"
    r"|审判|书记员|陪审员|判决|裁定|原告|被告|上诉|诉讼|申请人|当事人|合议庭|如不服|递交|受理费|负担|甲方|乙方"
    r"|盖章|签[字名订]|年\W*月\W*日"
    r"|解析|答案|题[目干型]|选择题|填空题|本题|分值|满分|作答|给定资料|申论|hereby|pursuant|whereas|shall be"
    r"|plaintiff|defendant|section 0"
)
LETTER = re.compile(
    r"^\W*(?:尊敬的|亲爱的|敬爱的|各位|您好|你好|此致|敬礼|祝好|谨上|敬上|同志们|朋友们|女士们|大家好|拝啓"
    r"|敬具|よろしく"
    r"|dear\b|hi\b|hello\b|hey\b|regards|best\b|sincerely|yours\b|cheers|thanks?\b|thank you|kind regards"
    r"|warm regards|love\b|to:|from:|subject:|date:|cc:|sent:)",
    re.IGNORECASE,
)
CODE = re.compile(
    r"!\[|\]\(|\\[a-z]{3,}|[{};]\s*$|^\s*[{};]|=>|->|::|==|!=|&&|\|\||\w\(\)|^\W*(?:import|from|def|class|return|if|else"
    r"|elif|for|while|try|except|raise|yield|self"
    r"|public|private|static|void|int|const|let|var|function|include|define|struct|usage|args|returns|raises"
    r"|param|note|todo|fixme|example|see also)\b|^\s*(?:>>>|\.\.\.|\$ |#|//|/\*|\*/|\"\"\")"
)
SENTENCE_END = re.compile(r"[。！？!?…][”’」』\"]?$|[a-z,]{3}[.!?]\W?$")


class Reason(msgspec.Struct, frozen=True):
    """Something that speaks for (above 0) or against (below 0) a mark, in words and as its share of the sum."""

    words: str
    share: float


NAMES_TOO = Reason("names what another mark names", 0.4)
IN_FRAME = Reason("stands in a block of lines that returns as a whole", 0.6)


def reasons(mark: Mark, counts: Counts, all_works: int) -> list[Reason]:
    """All that speaks for and against, strongest first."""
    seen = mark.spellings.most_common(1)[0][0]
    letters = "".join(mark.letters)
    found = [*_words(mark, seen, letters), *_place(mark, all_works), *_author(mark, seen, letters)]
    if mark.form == "inside":
        found += _cut(mark, seen, counts)
    return sorted((one for one in found if one.share), key=lambda one: -abs(one.share))


def _words(mark: Mark, seen: str, letters: str) -> Iterator[Reason]:
    if ADDRESS.search(seen) or ADDRESS_LETTERS.search(letters):
        if mark.form == "inside" and _latin(mark, letters):  # an author names addresses in his sentences, too
            yield Reason("holds an address", 0.6)
            return
        yield Reason("holds an address", 1.0)
    said = {
        *STRONG.findall(seen), *SITE.findall(seen), *(str(one.group()).lower() for one in SAYS.finditer(seen)),
        *STRONG.findall(letters), *SITE.findall(letters),
    }  # fmt: skip
    if said:
        least = 0.7 if mark.form != "inside" or STRONG.search(seen) else 0.4  # 减少注册资本 stands in statutes
        yield Reason("says what distributors say", round(min(1.1, least + 0.2 * (len(said) - 1)), 2))
    elif MENU.search(seen):
        yield Reason("is an entry of a menu", 0.3 if seen.isascii() and seen.isalpha() else 0.6)  # Accessibility
    elif WEAK.search(seen):
        yield Reason("has a word of distributors", 0.4)
    if len({tuple(ODD.findall(one)) for one in mark.spellings if ODD.search(one)}) > 2:
        yield Reason("is written with other symbols between its letters each time", 0.6)


def in_frame(mark: Mark, found: Sequence[Reason], all_works: int) -> bool:
    """Whether a line is one of a menu or a frame: among lines that return with it in most of the files.

    Shop, Sell, 首页: alone each may be an author's heading, so that a rule wants several of them in a row.
    """
    if mark.in_block < 0.8 * mark.places or len(mark.letters[0]) > 60 or not next_to_frame(mark, found, all_works):
        return False
    return not {one.words for one in found if one.share < 0} - {SHORT, REFRAINS, AMONG}


def next_to_frame(mark: Mark, found: Sequence[Reason], all_works: int) -> bool:
    """Whether a line may go with lines of a frame that stand before or after it: it returns among such lines.

    Check your inbox for your welcome email! It is no entry of a menu, and cuts the menu in two.
    """
    if mark.form != "line" or mark.in_block < max(3, 0.2 * mark.places):
        return False
    against = {one.words for one in found if one.share < 0}
    return not against & OF_AUTHORS and len(mark.works) >= OFTEN * min(all_works, 4096)


def names_of(mark: Mark) -> set[str]:
    """Pieces of a mark that may be a name: four letters of the East, or the host of an address."""
    letters = "".join(mark.letters)
    east = {letters[at : at + 4] for at in range(len(letters) - 3)}
    names = {one for one in east if all(ord(char) >= EAST for char in one)}
    seen = mark.spellings.most_common(1)[0][0]
    hosts = HOST.findall(seen) if ADDRESS.search(seen) else []
    return names | {re.sub("[^a-z]", "", host.lower()) for host in hosts}


def _latin(mark: Mark, letters: str) -> bool:
    """Whether neither the mark nor what is around it is of the East."""
    around = sum(often for sides, often in mark.sides.items() if any(ord(side) >= EAST for side in sides))
    return 2 * around < sum(mark.sides.values()) and not any(ord(char) >= EAST for char in letters)


def _place(mark: Mark, all_works: int) -> Iterator[Reason]:
    share = len(mark.works) / max(1, min(all_works, 4096))
    for least, worth in ((OFTEN, 0.4), (MANY, 0.3), (SOME, 0.15)):
        if share >= least:
            yield Reason("stands in a large share of the files", worth)
            break
    if mark.form != "inside" and mark.near_edge >= 0.9 * mark.places:
        yield Reason("always within the first or last 6 lines", 0.4)
    elif mark.form != "inside" and max(mark.in_head, mark.in_tail) >= 0.95 * mark.places:
        yield Reason("always near the head or always near the tail", 0.15)
    if mark.form == "line" and len(mark.letters[0]) >= 16:
        yield Reason("too long to return by chance", 0.25)
    if len(mark.folders) > 2:
        yield Reason("stands in several folders", 0.05)


def _author(mark: Mark, seen: str, letters: str) -> Iterator[Reason]:
    tests = (
        (HEADING, IS_HEADING, 2.0), (LISTED, "is an entry of a list", 1.0),
        (SPEECH, IS_SAID, 1.2),
        (FORMULA, IS_FORMULA, 1.5), (LETTER, "opens or ends a letter", 1.5),
        (CODE, IS_CODE, 1.5),
    )  # fmt: skip
    for pattern, words, worth in tests:
        if mark.form != "line" and (pattern is SPEECH or (pattern is HEADING and SITE.search(letters))):
            continue  # 《第三章》由某网整理
        if pattern.search(seen.strip()):
            yield Reason(words, -worth)
    east = sum(ord(char) >= EAST for char in letters)
    if east + (len(letters) - east) / 3 < SHORTEST:
        yield Reason(SHORT, -0.8)
    elif mark.form == "inside" and len(letters) < WINDOW and not (SITE.search(letters) or STRONG.search(letters)):
        yield Reason(SHORT, -0.6)  # **第一步**
    if len(letters.replace("0", "")) < 2:
        yield Reason("is a number", -3.0)
    if mark.form != "inside" and SENTENCE_END.search(seen):
        yield Reason("ends like a sentence", -0.4)
    if mark.form == "line" and mark.places >= REFRAIN * mark.files and mark.near_edge < 0.5 * mark.places:
        yield Reason(REFRAINS, -0.5)
    if mark.form == "line" and mark.near_edge < 0.5 * mark.places and len(mark.lefts) == 1 and len(mark.rights) == 1:
        yield Reason(AMONG, -0.3)
    if mark.form == "line" and mark.near_edge < 0.5 * mark.places and len(mark.rights) >= 0.8 * mark.places > 2:
        yield Reason(LEADS, -0.3)


def _cut(mark: Mark, seen: str, counts: Counts) -> Iterator[Reason]:
    """Whether a string cuts the sentences in which it stands: see `engine/stamps.py`."""
    places = sum(mark.sides.values())
    edged = sum(often for one, often in mark.spellings.items() if one[0] in EDGES and one[-1] in EDGES)
    if edged >= 0.9 * sum(mark.spellings.values()):
        yield Reason("always in brackets or symbols", 0.35)
    if _latin(mark, "".join(mark.letters)) or ADDRESS.search(seen):
        return  # between blanks there is room for anything; an address needs no more
    lefts, rights = {one[-2:] for one in mark.lefts}, {one[:2] for one in mark.rights}
    if len(lefts) < 3 or len(rights) < 3:
        yield Reason("always among the same words", -0.6)
    if 2 * sum(often for (left, right), often in mark.sides.items() if left + right in NAMED) > places:
        yield Reason("is a name or is said", -1.0)
    own_left, own_right = _totals(mark, 0), _totals(mark, 1)
    total = 0.0
    for (left, right), often in mark.sides.items():
        whole = counts.together(left, right)
        parts = counts.together(left, seen[0], own_left[left]) + counts.together(seen[-1], right, own_right[right])
        total += often * (whole - parts)
    mean = total / max(1, places)
    if mean >= MEAN and places >= OFTEN_IN and total >= SUM:  # かくのごとく cuts as well, and says nothing
        says = STRONG.search(seen) or SITE.search(seen) or WEAK.search(seen) or ADDRESS.search(seen)
        yield Reason("cuts the sentences in which it stands", 0.8 if says else 0.5)
    elif mean >= 0:
        yield Reason("fits the sentences in which it stands badly", 0.2)
    else:
        yield Reason("fits the sentences in which it stands", round(max(-1.2, 0.3 * mean), 2))


def _totals(mark: Mark, side: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for sides, often in mark.sides.items():
        found[sides[side]] = found.get(sides[side], 0) + often
    return found
