"""Names, places and values such as they stand in real events, drawn from a seeded generator."""

from random import Random

NOUNS = """account address alert amount asset audit avatar badge basket batch billing branch budget cache
calendar campaign card cart catalog channel chart client cluster column comment company config contact
contract country coupon currency customer dashboard delivery deposit device discount document domain draft
email entry error event export feature feed field file filter flag folder form group header history image
import index input inventory invoice item job journal label language layout ledger license limit link list
locale location lock log mail member menu message metric migration module notification offer option order
organization page panel parcel partner payment permission phone plan policy portal price product profile
project promotion property provider quantity query queue quote range rate reason receipt record refund
region renewal report request reservation resource result return review role route row rule sample schedule
schema search section seller session setting shipment shop snapshot source stage statement status step stock
store stream subscription summary supplier table tag target task tax team template tenant ticket timeline
token total tracking transfer trigger unit update upload user vendor version view voucher wallet warehouse
webhook widget window workflow workspace zone""".split()  # noqa: SIM905 # a list of them would be as long as this file
VERBS = """accept add apply archive assign attach build calculate cancel check clear close collect commit
compare compute confirm convert copy create decode delete deliver dispatch draw emit encode ensure estimate
expand fetch filter find flush format generate get handle hydrate import insert join list load lock log map
match merge move notify open parse patch persist pick post prepare print process publish push read rebuild
receive reconcile refresh register reject release remove render replace request reserve reset resolve
restore retry save schedule select send serialize set settle show sign sort split start store submit sync
transform translate update validate verify visit watch wrap write""".split()  # noqa: SIM905 # a list of them would be as long as this file
ERRORS = """TypeError ReferenceError RangeError Error SyntaxError AxiosError HttpError TimeoutError
ValidationError NotFoundError ConflictError PaymentError DatabaseError AbortError""".split()  # noqa: SIM905 # a list of them would be as long as this file
PYTHON_ERRORS = """ValueError KeyError TypeError AttributeError RuntimeError IntegrityError
ConnectionError TimeoutError DoesNotExist ValidationError OperationalError PermissionError""".split()  # noqa: SIM905 # a list of them would be as long as this file
AGENTS = [
    f"Mozilla/5.0 ({system}) {engine}"
    for system in (
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "iPhone; CPU iPhone OS 18_6 like Mac OS X",
        "Linux; Android 15; Pixel 9",
    )
    for engine in (
        *(
            f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.0.0 Safari/537.36"
            for n in range(136, 143)
        ),
        *(
            f"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{n} Safari/604.1"
            for n in range(6)
        ),
    )
]


def camel(random: Random) -> str:
    """`settleInvoiceBatch`."""
    return random.choice(VERBS) + "".join(
        random.choice(NOUNS).title() for _ in range(random.randint(1, 2))
    )


def snake(random: Random) -> str:
    """`settle_invoice_batch`."""
    return "_".join([random.choice(VERBS), *(random.choice(NOUNS) for _ in range(2))])


def package(random: Random) -> str:
    """`@shipment/invoice-parser`."""
    scope = f"@{random.choice(NOUNS)}/" if random.random() < 0.3 else ""
    return f"{scope}{random.choice(NOUNS)}-{random.choice(NOUNS)}"


def version(random: Random) -> str:
    """`4.17.21`."""
    return f"{random.randint(0, 12)}.{random.randint(0, 40)}.{random.randint(0, 30)}"


def script_line(random: Random) -> str:
    """A line of JavaScript."""
    pad = "  " * random.randint(1, 5)
    a, b, c = random.choice(NOUNS), camel(random), random.choice(NOUNS)
    return pad + random.choice(
        (
            f"const {a} = await {b}({c}.id, {{ {random.choice(NOUNS)}: true }});",
            f"if (!{a}.{c}) throw new {random.choice(ERRORS)}(`{a} has no {c}`);",
            f"return {a}.{c}.map(({c[:1]}) => {b}({c[:1]}.{random.choice(NOUNS)}));",
            f"logger.debug({{ {a}, {c} }}, '{random.choice(VERBS)}ing the {a}');",
            f"this.{a} = options.{a} ?? {b}(this.{c});",
            "}",
            "",
            f"// The {a} may be gone by the time its {c} is {random.choice(VERBS)}ed",
        )
    )


def python_line(random: Random) -> str:
    """A line of Python."""
    pad = "    " * random.randint(1, 4)
    a, b, c = random.choice(NOUNS), snake(random), random.choice(NOUNS)
    return pad + random.choice(
        (
            f"{a} = self.{b}({c}, {random.choice(NOUNS)}=None)",
            f"if {a}.{c} is None:",
            f"raise {random.choice(PYTHON_ERRORS)}(f'{a} {{{a}.id}} has no {c}')",
            f"return [{b}({c[:1]}) for {c[:1]} in {a}.{c}s]",
            f"logger.info('{random.choice(VERBS)} %s', {a}.{c})",
            f"with transaction.atomic(using={c}):",
            "",
            f'"""{random.choice(VERBS).title()} the {a} of a {c}."""',
        )
    )
