"""Thai sentences about social-work visits, put together from parts that fit in any combination.

Every sentence is time + who + what was done + what was found + what was given. Nothing in them is about a real person.
"""

from collections.abc import Iterator
from itertools import product
from random import Random

TIMES = (
    "ช่วงเช้า",
    "ช่วงสาย",
    "ช่วงบ่าย",
    "ก่อนพลบค่ำ",
    "หลังฝนหยุด",
    "ตามนัดหมายเดิม",
    "หลังรับแจ้งจากผู้นำชุมชน",
    "ระหว่างติดตามครั้งที่สอง",
)
ACTORS = (
    "ทีมหน่วยเคลื่อนที่เร็ว",
    "นักสังคมสงเคราะห์",
    "เจ้าหน้าที่พร้อม อพม. ในพื้นที่",
    "ทีมสหวิชาชีพ",
    "เจ้าหน้าที่ร่วมกับผู้ใหญ่บ้าน",
    "อพม. ประจำหมู่บ้าน",
)
ACTIONS = (
    "ลงเยี่ยมบ้านผู้ประสบปัญหา",
    "พูดคุยกับผู้ประสบปัญหาและครอบครัว",
    "ตรวจสภาพที่อยู่อาศัย",
    "สอบถามความเป็นอยู่จากเพื่อนบ้าน",
    "ประเมินความเสี่ยงเบื้องต้น",
    "รวบรวมเอกสารประกอบการขอรับความช่วยเหลือ",
    "ติดตามผลการช่วยเหลือเดือนก่อน",
)
FINDINGS = (
    "พบว่ารายได้ไม่พอกับค่าใช้จ่ายประจำเดือน",
    "พบว่าอาศัยอยู่กับหลานเพียงสองคน",
    "พบว่าหลังคาบ้านรั่วและพื้นไม้ผุหลายจุด",
    "พบว่าขาดยารักษาโรคประจำตัวมาหนึ่งสัปดาห์",
    "พบว่ายังไม่ได้รับเบี้ยยังชีพตามสิทธิ",
    "พบว่าเดินไม่สะดวกและไม่มีผู้ดูแลตอนกลางวัน",
    "พบว่าบุตรหยุดเรียนเพราะไม่มีค่าเดินทาง",
    "พบว่าครอบครัวทะเลาะกันบ่อยจากปัญหาหนี้สิน",
    "พบว่าบัตรประจำตัวคนพิการหมดอายุ",
    "พบว่าทุกคนปลอดภัยดีแต่ยังกังวลเรื่องค่าเช่าบ้าน",
)
ENDINGS = (
    "จึงมอบถุงยังชีพและนัดติดตามอีกครั้งในสองสัปดาห์",
    "จึงประสานโรงพยาบาลส่งเสริมสุขภาพตำบลให้ดูแลต่อเนื่อง",
    "จึงแนะนำสิทธิสวัสดิการและช่วยกรอกแบบคำขอ",
    "จึงประสานองค์กรปกครองส่วนท้องถิ่นเข้าซ่อมแซมบ้าน",
    "จึงให้คำปรึกษาและฝากเบอร์สายด่วน 1300 ไว้",
    "จึงเสนอขอรับเงินสงเคราะห์ตามระเบียบ",
    "จึงประสานโรงเรียนเรื่องทุนการศึกษา",
    "จึงนัดประชุมร่วมกับครอบครัวในสัปดาห์หน้า",
    "จึงจัดหาผู้ดูแลชั่วคราวในชุมชน",
)
PARTS = (TIMES, ACTORS, ACTIONS, FINDINGS, ENDINGS)


def sentences() -> Iterator[str]:
    """Yield every sentence once: 8 × 6 × 7 × 10 × 9 = 30,240."""
    for time, actor, action, finding, ending in product(*PARTS):
        yield f"{time}{actor}{action} {finding} {ending}"


def short_sentences() -> Iterator[str]:
    """Yield every sentence without what was given, once: 8 × 6 × 7 × 10 = 3,360."""
    for time, actor, action, finding in product(*PARTS[:-1]):
        yield f"{time}{actor}{action} {finding}"


def narrative(random: Random, *, count: int = 2) -> str:
    """Return a paragraph of that many sentences, each on a line of its own."""
    return "\n".join(sentence(random) for _ in range(count))


def sentence(random: Random) -> str:
    """Return one sentence."""
    time, actor, action, finding, ending = (random.choice(part) for part in PARTS)
    return f"{time}{actor}{action} {finding} {ending}"
