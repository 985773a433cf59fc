"""Where the company is: its units, and the streets and estates around them. Streets and estates are invented."""

from dataclasses import dataclass

from deploy.demo.drawing import Draw

COMPANY = "安澜不动产"


@dataclass(frozen=True)
class City:
    name: str
    districts: tuple[str, ...]
    """By the short name that a branch bears."""


CITIES = (
    City("上海", ("静安", "徐汇", "浦东", "杨浦")),
    City("杭州", ("西湖", "拱墅", "滨江", "余杭")),
    City("广州", ("天河", "越秀", "海珠", "番禺")),
)

TEAMS = tuple(
    f"{name}队"
    for name in (
        "飞鹰", "先锋", "凌云", "破晓", "雄狮", "猎豹", "远航", "星火", "磐石", "旭日",
        "锐进", "启明", "鸿鹄", "长风", "赤焰", "逐浪", "青松", "金石", "腾龙", "晨曦",
        "北斗", "扬帆", "卓越", "同心", "雷霆", "凯旋", "骏驰", "百川", "擎天", "天枢",
        "惊蛰", "问鼎", "聚力", "铁军", "海燕", "朝阳", "精卫", "白杨", "沧海", "燎原",
    )
)  # fmt: skip

_STREETS = (
    "人民",
    "建设",
    "和平",
    "长宁",
    "文化",
    "解放",
    "新华",
    "中山",
    "光明",
    "育才",
    "桃园",
    "柳岸",
    "银杏",
    "枫林",
)
_WAYS = ("路", "东路", "西路", "街", "大道", "巷")
_ESTATE_FIRST = (
    "翠湖",
    "锦绣",
    "云栖",
    "枫林",
    "丹桂",
    "听雨",
    "望江",
    "银杏",
    "和风",
    "星河",
    "澄园",
    "雅居",
    "兰亭",
    "溪山",
)
_ESTATE_LAST = ("苑", "庭", "府", "名邸", "花园", "公馆", "里")
AREAS = 5
"""Of each district."""
_ROOMS = ("一居", "两居", "三居", "四居", "loft")
_WISHES = ("近地铁", "学区", "南北通透", "电梯房", "低楼层", "带车位", "次新房", "精装修", "安静", "近公园")


def district_name(city: City, district: str) -> str:
    """As it stands in an address: 上海市静安区; a new area keeps its own word: 浦东新区."""
    return f"{city.name}市{district}{'新区' if district == '浦东' else '区'}"


def address(draw: Draw, district: str) -> str:
    """Somewhere in the district, down to the room."""
    street = draw.choice(_STREETS) + draw.choice(_WAYS)
    room = f"{draw.randint(1, 28)}0{draw.randint(1, 4)}"
    return f"{district}{street}{draw.randint(1, 999)}弄{draw.randint(1, 40)}号{room}室"


def home(draw: Draw) -> str:
    """A home that is for sale, by the name agents use for it: 翠湖名邸 3-1201."""
    estate = draw.choice(_ESTATE_FIRST) + draw.choice(_ESTATE_LAST)
    return f"{estate} {draw.randint(1, 30)}-{draw.randint(1, 28)}0{draw.randint(1, 4)}"


def listing(draw: Draw, district: str) -> tuple[str, tuple[str, ...]]:
    """A home for sale in this district: its name, and city, district, area and estate."""
    estate = draw.choice(_ESTATE_FIRST) + draw.choice(_ESTATE_LAST)
    city, _, rest = district.partition("市")
    # an estate lies in one area of its district, whoever asks
    area = _STREETS[sum(map(ord, estate + district)) % AREAS] + "板块"
    name = f"{estate} {draw.randint(1, 30)}-{draw.randint(1, 28)}0{draw.randint(1, 4)}"
    return name, (city, rest, area, estate)


def homes(draw: Draw, count: int) -> tuple[str, ...]:
    """So many different homes."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[home(draw)] = None
    return tuple(found)


def wish(draw: Draw) -> str:
    """What a client is looking for, as an agent notes it."""
    wishes = "、".join(draw.sample(_WISHES, draw.randint(1, 3)))
    return f"{draw.choice(_ROOMS)}，预算{draw.randrange(18, 120) * 10}万，{wishes}"
