"""What the columns of a file mean: guessed from their headings, in Chinese and English. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Column(StrEnum):
    """What can be taken from a file."""

    NAME = "name"
    PHONE = "phone"
    PHONE_2 = "phone_2"
    PHONE_3 = "phone_3"
    WECHAT = "wechat"
    EMAIL = "email"
    ADDRESS = "address"
    WORK_ADDRESS = "work_address"
    EMPLOYER = "employer"
    OCCUPATION = "occupation"
    INCOME = "income"
    HOBBIES = "hobbies"
    BIRTHDAY = "birthday"
    NOTE = "note"
    TAGS = "tags"
    GRADE = "grade"
    INTENT = "intent"
    OWNER = "owner"
    """The agent whose client it is: the name, or the id of the person."""
    REGISTERED = "registered"
    """Since when they have been a client."""
    LAST_CONTACT = "last_contact"


_CALLED: Mapping[Column, str] = {
    Column.NAME: "姓名 客户姓名 客户名称 客户名 客户 名字 称呼 联系人 name full_name client client_name customer "
    "customer_name contact",
    Column.PHONE: "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 移动电话 主要电话 客户电话 phone mobile tel "
    "telephone phone_number mobile_phone cell",
    Column.PHONE_2: "电话2 手机2 备用电话 其他电话 第二电话 副电话 phone2 phone_2 second_phone other_phone mobile2",
    Column.PHONE_3: "电话3 手机3 第三电话 phone3 phone_3 third_phone",
    Column.WECHAT: "微信 微信号 wechat weixin wechat_id",
    Column.EMAIL: "邮箱 电子邮箱 邮件 email e-mail mail",
    Column.ADDRESS: "地址 住址 家庭地址 居住地址 联系地址 address home_address",
    Column.WORK_ADDRESS: "公司地址 单位地址 工作地址 work_address office_address",
    Column.EMPLOYER: "单位 公司 工作单位 公司名称 employer company",
    Column.OCCUPATION: "职业 职务 职位 行业 occupation job profession job_title",
    Column.INCOME: "收入 年收入 月收入 income",
    Column.HOBBIES: "爱好 兴趣 兴趣爱好 hobbies interests",
    Column.BIRTHDAY: "生日 出生日期 出生年月日 birthday birth_date date_of_birth dob",
    Column.NOTE: "备注 说明 描述 跟进记录 客户需求 需求 note notes remark remarks comment comments",
    Column.TAGS: "标签 客户标签 tags tag labels",
    Column.GRADE: "等级 级别 客户等级 客户级别 评级 grade level rating",
    Column.INTENT: "意向 客户意向 意向度 意愿 intent intention",
    Column.OWNER: "经纪人 代理人 业务员 归属人 归属经纪人 负责人 跟进人 所属员工 员工 工号 agent owner salesperson "
    "agent_name owner_name staff",
    Column.REGISTERED: "登记日期 登记时间 录入时间 录入日期 创建时间 创建日期 建档日期 建档时间 注册时间 registered "
    "registered_at created created_at create_date date_added",
    Column.LAST_CONTACT: "最近跟进 最后跟进 最近跟进时间 最后跟进时间 最近联系 最后联系 最近联系时间 上次联系 "
    "last_contact last_contacted last_follow_up last_activity last_touch",
}
_MEANS = {word.replace("_", ""): column for column, words in _CALLED.items() for word in words.split()}
_NOISE = re.compile(r"[\s_\-*:：.（）()【】\[\]/]+|必填|选填|required|optional", re.IGNORECASE)


def plain(heading: str) -> str:
    """The heading without what people decorate it with: `* 手机号码：` and `手机号码` are one."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading)).lower()


def guessed(headings: Sequence[str]) -> tuple[Column | None, ...]:
    """What each column means, as far as its heading says it; of two that say the same, the first means it.

    A second and third column of phones are further phones.
    """
    found: list[Column | None] = []
    for heading in headings:
        column = _MEANS.get(plain(heading))
        if column is Column.PHONE:
            column = next((each for each in _PHONES if each not in found), None)
        found.append(None if column in found else column)
    return tuple(found)


_PHONES = (Column.PHONE, Column.PHONE_2, Column.PHONE_3)
