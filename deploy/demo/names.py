"""Names of people, about as frequent as they are in China (in thousandths, rounded)."""

from deploy.demo.drawing import Draw

_SURNAMES = {
    surname: weight
    for weight, group in {
        72: "王李",
        67: "张",
        54: "刘",
        45: "陈",
        31: "杨",
        22: "黄赵吴",
        19: "周徐",
        15: "孙",
        13: "马朱",
        12: "胡郭何林",
        10: "高罗",
        9: "郑梁",
        8: "谢宋",
        7: "唐许韩",
        6: "邓冯曹彭曾肖",
        5: "田董潘袁蔡蒋余于杜叶",
        4: "程魏苏吕丁任卢姚沈钟姜崔谭",
        3: "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺",
        2: "毛郝顾龚邵万覃武钱戴严莫孔向常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申",
        1: (
            "欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕"
            "屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬"
            "师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
        ),
    }.items()
    for surname in group
} | {"欧阳": 1.0, "司徒": 0.1, "上官": 0.1, "诸葛": 0.1, "皇甫": 0.1}

_ELDER_MEN = (
    "建国 建军 建华 志强 国强 卫东 永强 德明 国华 文革 振华 保国 金福 学军 光明 海生 长江 庆丰 福生 立新"
)
_ELDER_WOMEN = (
    "秀英 桂英 玉兰 秀兰 丽华 淑珍 桂兰 凤英 玉梅 建萍 国芳 美华 素珍 春梅 爱华 月娥 惠芳 翠萍 雪琴 小红"
)
_MIDDLE_MEN = (
    "伟 强 军 勇 涛 超 杰 磊 斌 波 鹏 辉 刚 飞 峰 "
    "俊 志伟 志刚 海波 晓东 文斌 建平 立军 俊杰 振宇 国栋 海涛 永刚 晓峰 少华"
)
_MIDDLE_WOMEN = (
    "芳 娜 敏 静 丽 艳 娟 霞 燕 玲 萍 红 梅 琳 晓燕 "
    "海燕 丽娜 雪梅 晓红 文静 丽丽 秀丽 春燕 红梅 慧敏 晓丽 雅琴 美玲 冬梅 佳慧"
)
_YOUNG_MEN = (
    "浩 宇 鑫 博 凯 昊 睿 晨 子轩 浩然 宇航 俊豪 文博 天宇 嘉豪 "
    "思远 泽宇 志远 明轩 家明 子豪 一鸣 嘉伟 梓涵 景行 星辰 奕辰 逸凡 承志 明哲"
)
_YOUNG_WOMEN = (
    "婷 雪 倩 颖 悦 莹 欣 瑶 佳怡 雨桐 思雨 梦琪 诗涵 欣怡 雅婷 "
    "晓彤 梓萱 嘉怡 雨欣 静怡 可欣 若曦 思琪 语嫣 佳宁 心怡 梦瑶 雨婷 晓雯 芷晴"
)
_MALE = "伟强明军文志建华海林永国平宏德立学光荣成家俊振世广东春祥宝福庆新龙生云峰远鹏宇浩博嘉天子泽思"
_FEMALE = "丽英华秀玉红芳兰梅珍霞燕萍娟琴云玲莲凤春敏晓雅慧美淑佳雨欣思梦诗婷怡琪静颖文雪月佩"

_GIVEN = {
    ("elder", "man"): _ELDER_MEN,
    ("elder", "woman"): _ELDER_WOMEN,
    ("middle", "man"): _MIDDLE_MEN,
    ("middle", "woman"): _MIDDLE_WOMEN,
    ("young", "man"): _YOUNG_MEN,
    ("young", "woman"): _YOUNG_WOMEN,
}
_OF_CLIENTS = {"elder": 25.0, "middle": 45.0, "young": 30.0}
_OF_STAFF = {"elder": 5.0, "middle": 35.0, "young": 60.0}
_COMPOSED = 0.55
"""How often a given name is put together from characters instead of being a usual one."""

_SURNAME_LIST = list(_SURNAMES)
_SURNAME_WEIGHTS = list(_SURNAMES.values())


def name_of_client(draw: Draw) -> str:
    """Somebody of any age."""
    return _name(draw, _OF_CLIENTS)


def name_of_staff(draw: Draw) -> str:
    """Somebody of working age, more often young."""
    return _name(draw, _OF_STAFF)


def _name(draw: Draw, ages: dict[str, float]) -> str:
    surname = draw.choices(_SURNAME_LIST, _SURNAME_WEIGHTS)[0]
    age, sex = draw.one_of(ages), draw.choice(("man", "woman"))
    if not draw.happens(_COMPOSED):
        return surname + draw.choice(_GIVEN[age, sex].split())
    characters = _MALE if sex == "man" else _FEMALE
    return surname + "".join(draw.sample(characters, 2))
