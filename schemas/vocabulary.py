"""Every code list, Thai and English. Codes are stored and sent; labels are shown; nothing else holds a list.

A list or code marked ``assumed`` is the project's own assumption, never to be presented as official. Codes are only
ever added or retired, never renamed: records hold them for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.label import Label


@dataclass(frozen=True, slots=True)
class Code:
    """One code and its labels."""

    code: str
    label: Label
    assumed: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of codes in the order in which they are offered."""

    name: str
    label: Label
    codes: Mapping[str, Code]
    assumed: bool


def _list(name: str, th: str, en: str, *codes: tuple[str, str, str], assumed: bool = False) -> Vocabulary:
    """Return a list; a code written with a leading ``?`` is itself assumed."""
    found = [Code(code.lstrip("?"), Label(*label), assumed or code.startswith("?")) for code, *label in codes]
    return Vocabulary(name, Label(th, en), MappingProxyType({code.code: code for code in found}), assumed)


_INTAKE = (
    _list(
        "channel", "ช่องทาง", "Channel",
        ("hotline_1300", "สายด่วนศูนย์ช่วยเหลือสังคม 1300", "Social assistance hotline 1300"),
        ("ess_line_oa", "ESS Help Me", "ESS Help Me"),
        ("line_chat", "Line", "LINE chat"),
        ("facebook_page", "เพจเฟสบุ๊ค", "Facebook page"),
        ("online_news", "ข่าวออนไลน์", "Online news"),
        ("social_media_watch", "การเฝ้าระวังผ่านสื่อสังคมออนไลน์", "Social media watch"),
        ("operations_centre", "ศปก.พม.", "Ministry operations centre"),
        ("agency_referral", "ประสานส่งต่อ", "Referral from another agency"),
        ("walk_in", "มาด้วยตนเอง", "In person"),
        ("inspection_division", "กองตรวจราชการ", "Inspection division"),
        ("volunteer_request", "อพม. Smart", "Volunteer request (อพม. Smart)"),
        ("?other", "อื่น ๆ", "Other"),
    ),
    _list(
        "ess_cause", "เหตุฉุกเฉินทางสังคม", "Social emergency",
        ("threat_or_assault", "ข่มขู่ว่าจะทำร้ายหรือทำร้าย", "Threat of assault, or assault"),
        ("unlawful_confinement", "กักขังหน่วงเหนี่ยว", "Unlawful confinement"),
        ("sexual_abuse_risk", "เสี่ยงถูกล่วงละเมิดทางเพศ", "Risk of sexual abuse"),
        ("violent_agitated_person", "ผู้คลุ้มคลั่งก่อให้เกิดเหตุร้าย", "Agitated person causing harm"),
        ("harmful_gathering", "มั่วสุมจนก่อให้เกิดเหตุร้าย", "Gathering that causes harm"),
    ),
    _list(
        "call_kind", "ประเภทการโทร", "Kind of call",
        ("new_problem", "ปัญหาใหม่", "New problem"),
        ("existing_problem", "ติดตามปัญหา(เดิม)", "Following up an earlier problem"),
        ("wrong_call", "โทรผิด", "Wrong number"),
        ("prank", "ก่อกวน", "Prank"),
        ("enquiry", "สอบถามข้อมูล", "Enquiry"),
        ("comment", "ให้ข้อคิดเห็น", "Comment"),
    ),
    _list(
        "ticket_step", "ขั้นตอนของเรื่อง 1300", "Step of a 1300 ticket",
        ("waiting_for_owner", "รอแจ้งผู้รับผิดชอบ", "Waiting to inform who is responsible"),
        ("considering", "พิจารณาการช่วยเหลือ", "Considering assistance"),
        ("sent_to_area", "ส่งต่อพื้นที่", "Sent to the area"),
        ("reporting", "รายงานการช่วยเหลือ", "Reporting assistance"),
        ("helped", "ช่วยเหลือเรียบร้อย", "Helped"),
        ("ended", "ปัญหายุติแล้ว", "Problem ended"),
    ),
    _list(
        "validity", "ความจริงของเรื่อง", "Validity",
        ("genuine", "เรื่องจริง", "Genuine"),
        ("false_report", "แจ้งเท็จ", "False report"),
        ("prank", "ก่อกวน", "Prank"),
        ("wrong_call", "โทรผิด", "Wrong call"),
    ),
    _list(
        "urgency", "ความเร่งด่วน", "Urgency",
        ("normal", "ปกติ", "Normal"),
        ("urgent", "ด่วน", "Urgent"),
        ("most_urgent", "ด่วนที่สุด", "Most urgent"),
    ),
    _list(
        "severity", "ระดับความรุนแรง", "Severity",
        ("level_1", "ระดับ 1 เล็กน้อย", "Level 1, slight"),
        ("level_2", "ระดับ 2 ปานกลาง", "Level 2, moderate"),
        ("level_3", "ระดับ 3 มาก", "Level 3, serious"),
        ("level_4", "ระดับ 4 วิกฤต", "Level 4, critical"),
        assumed=True,
    ),
)  # fmt: skip

_CASE = (
    _list(
        "problem", "สภาพปัญหา", "Problem",
        ("income_livelihood", "ปัญหารายได้ความเป็นอยู่", "Income and livelihood"),
        ("rights_welfare_law", "ปัญหาสิทธิ สวัสดิการ และกฎหมาย", "Rights, welfare and law"),
        ("health_accident_urgent", "ปัญหาสุขภาพ/อุบัติเหตุ/แจ้งเหตุด่วน", "Health, accident, urgent report"),
        ("family_relationship", "ปัญหาความสัมพันธ์ในครอบครัว", "Family relationships"),
        ("violence", "ปัญหาความรุนแรง", "Violence"),
        ("homeless_begging", "คนเร่ร่อน/ขอทาน", "Homelessness, begging"),
        ("family_behaviour", "ปัญหาพฤติกรรมในครอบครัว", "Behaviour in the family"),
        ("?other", "อื่น ๆ", "Other"),
    ),
    _list(
        "target_group", "กลุ่มเป้าหมาย", "Target group",
        ("child", "เด็ก", "Child"),
        ("youth", "เยาวชน", "Youth"),
        ("adult", "ผู้ใหญ่", "Adult"),
        ("person_with_disability", "พิการ", "Person with disability"),
        ("elderly", "ผู้สูงอายุ", "Elderly"),
        assumed=True,
    ),
    _list(
        "age_band", "ช่วงอายุโดยประมาณ", "Estimated age band",
        ("under_18", "ต่ำกว่า 18 ปี", "Under 18"),
        ("18_25", "18–25 ปี", "18–25"),
        ("26_59", "26–59 ปี", "26–59"),
        ("60_over", "60 ปีขึ้นไป", "60 and over"),
        ("unknown", "ไม่ทราบ", "Unknown"),
        assumed=True,
    ),
    _list(
        "case_status", "สถานะกรณี", "Case status",
        ("received", "รับเรื่องแล้ว", "Received"),
        ("assigned", "มอบหมายแล้ว", "Assigned"),
        ("in_progress", "กำลังช่วยเหลือ", "In progress"),
        ("referred", "ส่งต่อแล้ว", "Referred"),
        ("follow_up", "ติดตาม", "Follow-up"),
        ("closed", "ยุติ", "Closed"),
        ("reopened", "เปิดใหม่", "Reopened"),
        assumed=True,
    ),
    _list(
        "outcome", "ผลเมื่อยุติ", "Outcome",
        ("helped", "ช่วยเหลือเรียบร้อย", "Helped"),
        ("referred", "ส่งต่อแล้ว", "Referred"),
        ("?help_refused", "ไม่ประสงค์รับความช่วยเหลือ", "Help refused"),
        ("?not_found", "ไม่พบตัว", "Not found"),
        ("?moved_away", "ย้ายที่อยู่", "Moved away"),
        ("?died", "เสียชีวิต", "Died"),
        ("?withdrawn", "ถอนเรื่อง", "Withdrawn"),
        ("?other", "อื่น ๆ", "Other"),
    ),
    _list(
        "overdue_reason", "เหตุที่เกินกำหนด", "Reason overdue",
        ("no_shelter_space", "ไม่มีสถานที่รองรับ", "No shelter space"),
        ("complex_overlap", "ปัญหา/กลุ่มเป้าหมายซ้ำซ้อน", "Overlapping problems or groups"),
        ("regulation_limit", "ติดระเบียบหรือกฎหมาย", "Regulation or law"),
        ("budget_limit", "งบประมาณไม่พอ", "Budget"),
        ("remote_area", "พื้นที่ห่างไกล", "Remote area"),
        ("?awaiting_partner", "รอหน่วยงานภาคี", "Awaiting a partner"),
        ("?cannot_contact", "ติดต่อไม่ได้", "Cannot be contacted"),
        ("?documents_missing", "เอกสารไม่ครบ", "Documents missing"),
        ("?other", "อื่น ๆ", "Other"),
    ),
    _list(
        "operation", "การดำเนินการ", "Operation",
        ("give_help", "ให้ความช่วยเหลือ", "Give help"),
        ("coordinate", "ประสานส่งต่อ", "Coordinate and refer"),
        ("give_advice", "ให้คำปรึกษา", "Give advice"),
    ),
    _list(
        "visit_kind", "ประเภทการเยี่ยม", "Kind of visit",
        ("field_visit", "ลงพื้นที่", "Field visit"),
        ("home_visit", "เยี่ยมบ้าน", "Home visit"),
        ("follow_up", "ติดตาม", "Follow-up"),
    ),
    _list(
        "risk", "รายการความเสี่ยง", "Risk checklist",
        ("none", "ไม่มีความเสี่ยง", "None"),
        ("communicable_disease", "โรคติดต่อร้ายแรง", "Serious communicable disease"),
        ("abortion_abandonment", "ทำแท้ง/ทอดทิ้งบุตร", "Abortion, child abandonment"),
        ("mental_health", "ปัญหาสุขภาพจิต", "Mental health"),
        ("harms_others", "ทำร้ายผู้อื่น/คนในครอบครัว", "Harms others or family"),
        ("improper_care", "เลี้ยงดูไม่เหมาะสม", "Improper care"),
        ("repeat_sexual_abuse", "ถูกล่วงละเมิดทางเพศซ้ำ", "Repeat sexual abuse"),
        ("flees_treatment", "หลบหนี/ปฏิเสธการรักษา", "Flees or refuses treatment"),
        ("trafficking_victim", "ผู้เสียหายจากการค้ามนุษย์", "Trafficking victim"),
        ("drug_use", "ใช้ยาเสพติด/เสพซ้ำ", "Drug use or relapse"),
        ("crime", "ก่ออาชญากรรม", "Crime"),
        ("depression_suicide", "ซึมเศร้า/เครียดสูง/ฆ่าตัวตาย", "Depression, high stress, suicide"),
    ),
    _list(
        "referral_status", "สถานะการส่งต่อ", "Referral status",
        ("sent", "ส่งแล้วรอตอบรับ", "Sent, awaiting reply"),
        ("accepted", "หน่วยงานรับเรื่อง", "Accepted"),
        ("declined", "หน่วยงานไม่รับ", "Declined"),
        ("completed", "หน่วยงานช่วยเหลือแล้ว", "Completed"),
        ("cancelled", "ยกเลิก", "Cancelled"),
        assumed=True,
    ),
)  # fmt: skip

_PEOPLE = (
    _list(
        "title", "คำนำหน้า", "Title",
        ("mr", "นาย", "Mr"), ("mrs", "นาง", "Mrs"), ("miss", "นางสาว", "Miss"),
        ("girl", "เด็กหญิง", "Girl"), ("boy", "เด็กชาย", "Boy"),
    ),
    _list(
        "sex", "เพศ", "Sex",
        ("male", "ชาย", "Male"), ("female", "หญิง", "Female"), ("unknown", "ไม่ทราบ", "Unknown"),
    ),
    _list(
        "id_type", "ประเภทเอกสารประจำตัว", "Identity document",
        ("national_id", "บัตรประชาชน", "National ID"),
        ("g_code", "รหัส G", "G code"),
        ("passport", "หนังสือเดินทาง", "Passport"),
        ("pink_card", "บัตรสีชมพู", "Pink card"),
        ("other", "อื่น ๆ", "Other"),
        ("none", "ไม่มี", "None"),
    ),
    _list(
        "date_precision", "ความละเอียดของวันที่", "Precision of the date",
        ("day", "ทราบวัน", "Day"), ("month", "ทราบเดือนและปี", "Month"),
        ("year", "ทราบปี", "Year"), ("unknown", "ไม่ทราบ", "Unknown"),
    ),
    _list(
        "language", "ภาษา", "Language",
        ("th", "ไทย", "Thai"), ("en", "อังกฤษ", "English"), ("my", "พม่า", "Burmese"), ("shn", "ไทใหญ่", "Shan"),
        ("km", "เขมร", "Khmer"), ("lo", "ลาว", "Lao"), ("ms", "มลายู", "Malay"), ("zh", "จีน", "Chinese"),
        ("karen", "กะเหรี่ยง", "Karen"), ("hmong", "ม้ง", "Hmong"), ("thai_sign", "ภาษามือไทย", "Thai Sign Language"),
        ("other", "อื่น ๆ", "Other"),
        assumed=True,
    ),
    _list(
        "relation", "ความสัมพันธ์กับผู้ประสบปัญหา", "Relation",
        ("head", "เจ้าบ้าน", "Head of household"), ("self", "ตนเอง", "Self"), ("spouse", "คู่สมรส", "Spouse"),
        ("father", "บิดา", "Father"), ("mother", "มารดา", "Mother"), ("child", "บุตร", "Child"),
        ("sibling", "พี่น้อง", "Sibling"), ("grandparent", "ปู่ย่าตายาย", "Grandparent"),
        ("grandchild", "หลาน", "Grandchild"), ("other_relative", "ญาติอื่น", "Other relative"),
        ("guardian", "ผู้ปกครอง/ผู้ดูแล", "Guardian or carer"), ("neighbour", "เพื่อนบ้าน", "Neighbour"),
        ("officer", "เจ้าหน้าที่", "Officer"), ("other", "อื่น ๆ", "Other"),
        assumed=True,
    ),
    _list(
        "physical_condition", "สภาพร่างกาย", "Physical condition",
        ("normal", "ปกติ", "Normal"), ("disabled", "พิการ", "Disabled"),
        ("chronic_illness", "เจ็บป่วยเรื้อรัง", "Chronic illness"),
    ),
    _list(
        "self_care", "การช่วยเหลือตนเอง", "Self-care",
        ("able", "ช่วยเหลือตนเองได้", "Able"), ("partly", "ช่วยเหลือตนเองได้บ้าง", "Partly able"),
        ("unable", "ช่วยเหลือตนเองไม่ได้", "Unable"),
        assumed=True,
    ),
    _list(
        "housing", "ที่อยู่อาศัย", "Housing",
        ("permanent", "มั่นคงถาวร", "Secure, permanent"), ("not_permanent", "ไม่มั่นคงถาวร", "Not permanent"),
        ("others_land", "ที่ดินบุคคลอื่น", "On another's land"), ("rented", "บ้านเช่า", "Rented"),
    ),
    _list(
        "hardship", "ความเดือดร้อนที่พบ", "Hardship found",
        ("low_income", "รายได้ไม่เพียงพอ", "Income too low"), ("no_job", "ไม่มีงานทำ", "No work"), ("debt", "หนี้สิน", "Debt"),
        ("illness", "เจ็บป่วย", "Illness"), ("disability", "ความพิการ", "Disability"),
        ("no_carer", "ไม่มีผู้ดูแล", "No carer"), ("poor_housing", "ที่อยู่อาศัยไม่เหมาะสม", "Poor housing"),
        ("disaster", "ประสบภัย", "Disaster"), ("violence", "ถูกกระทำรุนแรง", "Violence"),
        ("out_of_school", "หลุดจากระบบการศึกษา", "Out of school"),
        ("no_documents", "ไม่มีเอกสารทางทะเบียน", "No civil documents"),
        ("other", "อื่น ๆ", "Other"),
        assumed=True,
    ),
)  # fmt: skip

_HELP = (
    _list(
        "applicant_kind", "ประเภทผู้ขอรับความช่วยเหลือ", "Kind of applicant",
        ("child", "เด็ก", "Child"), ("youth", "เยาวชน", "Youth"), ("woman", "สตรี", "Woman"),
        ("family", "ครอบครัว", "Family"), ("elderly", "ผู้สูงอายุ", "Elderly"),
        ("person_with_disability", "คนพิการ", "Person with disability"),
        ("low_income", "ผู้มีรายได้น้อย", "Low income"), ("destitute", "คนไร้ที่พึ่ง", "Destitute"),
        ("other", "อื่น ๆ", "Other"),
        assumed=True,
    ),
    _list(
        "help_asked", "ความช่วยเหลือที่ขอ", "Help asked",
        ("money", "เงิน", "Money"), ("goods", "สิ่งของ", "Goods"), ("other", "เรื่องอื่น", "Other matters"),
    ),
    _list(
        "assistance_kind", "ประเภทความช่วยเหลือ", "Kind of assistance",
        ("money", "เงิน", "Money"), ("goods", "สิ่งของ", "Goods"), ("other", "อื่น ๆ", "Other"),
    ),
    _list(
        "request_status", "สถานะคำขอ", "Request status",
        ("submitted", "รอรับเรื่อง", "Waiting to be received"),
        ("received", "รับเรื่อง", "Received"),
        ("more_information", "หาข้อมูลเพิ่มเติม", "Finding more information"),
        ("returned", "แก้ไขข้อมูล", "Returned for edit"),
        ("ineligible", "คุณสมบัติไม่ตรงหลักเกณฑ์", "Not eligible"),
        ("committee", "พิจารณาโดยคณะกรรมการ", "Before the committee"),
        ("awaiting_budget", "รอจัดสรรงบประมาณ", "Awaiting budget"),
        ("disbursing", "อยู่ระหว่างเบิกจ่าย", "Being paid out"),
        ("assisted", "ช่วยเหลือแล้ว", "Assisted"),
        ("referred", "ส่งต่อแล้ว", "Referred"),
        ("not_approved", "ไม่อนุมัติ", "Not approved"),
        ("?withdrawn", "ถอนคำขอ", "Withdrawn"),
        ("?died", "เสียชีวิต", "Died"),
    ),
    _list(
        "return_answer", "คำตอบต่อข้อที่ส่งกลับ", "Answer to a returned field",
        ("fixed", "แก้ไขแล้ว", "Fixed"), ("confirmed", "ยืนยันว่าถูกต้อง", "Confirmed correct"),
    ),
    _list(
        "fund", "เงินช่วยเหลือ", "Fund",
        ("emergency_social", "เงินสงเคราะห์ผู้ประสบปัญหาทางสังคมกรณีฉุกเฉิน (สป.)", "Emergency social assistance"),
        ("low_income_destitute", "เงินสงเคราะห์ผู้มีรายได้น้อยและผู้ไร้ที่พึ่ง (พส.)", "Low income and destitute"),
        ("poor_family_child", "เงินสงเคราะห์เด็กในครอบครัวยากจน (ดย.)", "Child of a poor family"),
        ("disability", "เงินสงเคราะห์คนพิการ (พก.)", "Disability"),
        ("elderly_hardship", "เงินสงเคราะห์ผู้สูงอายุในภาวะยากลำบาก (ผส.)", "Elderly hardship"),
        ("women_family", "เงินสงเคราะห์สตรีหรือครอบครัว (สค.)", "Women or family"),
        ("home_adaptation_elderly", "ปรับสภาพแวดล้อมที่อยู่อาศัยผู้สูงอายุ", "Home adaptation, elderly"),
        ("home_adaptation_disability", "ปรับสภาพแวดล้อมที่อยู่อาศัยคนพิการ", "Home adaptation, disability"),
        ("return_home", "ส่งกลับภูมิลำเนา", "Return home"),
        ("out_of_school_child", "เด็กนอกระบบการศึกษา", "Out-of-school child"),
        ("?other", "อื่น ๆ", "Other"),
    ),
    _list(
        "photo_kind", "ประเภทรูปหรือไฟล์", "Kind of photo or file",
        ("house_outside", "นอกบ้าน", "House, outside"), ("house_inside", "ในบ้าน", "House, inside"),
        ("person", "ผู้ประสบปัญหา", "Person"), ("hardship", "สภาพความเดือดร้อน", "Hardship"),
        ("family", "ครอบครัว", "Family"),
        ("house_registration_address", "ทะเบียนบ้าน (หน้าที่อยู่)", "House registration, address page"),
        ("house_registration_person", "ทะเบียนบ้าน (หน้าชื่อ)", "House registration, name page"),
        ("bank_book", "สมุดบัญชีธนาคาร", "Bank book"), ("place", "สถานที่เกิดเหตุ", "Place"), ("other", "อื่น ๆ", "Other"),
    ),
)  # fmt: skip

_ORGANISATION = (
    _list(
        "role", "บทบาท", "Role",
        ("volunteer", "อพม.", "Volunteer"),
        ("rru_member", "หน่วยเคลื่อนที่เร็ว", "Rapid Response Unit member"),
        ("tambon_centre", "ศูนย์ช่วยเหลือสังคมตำบล", "Tambon assistance centre"),
        ("intake_officer", "เจ้าหน้าที่รับเรื่อง", "Intake officer"),
        ("social_worker", "นักสังคมสงเคราะห์", "Social worker"),
        ("approver", "พมจ. (ผู้อนุมัติ)", "Approver"),
        ("finance_officer", "การเงิน", "Finance officer"),
        ("inspector", "ผู้ตรวจราชการ", "Inspector"),
        ("group_staff", "เจ้าหน้าที่กลุ่มจังหวัด", "Provincial group staff"),
        ("national_staff", "เจ้าหน้าที่ส่วนกลาง", "National staff"),
        ("administrator", "ผู้ดูแลระบบ", "Administrator"),
        assumed=True,
    ),
    _list(
        "volunteer_level", "ระดับ อพม.", "Volunteer level",
        ("village", "หมู่บ้าน", "Village"), ("tambon", "ตำบล", "Tambon"), ("district", "อำเภอ", "District"),
    ),
    _list(
        "team_kind", "ประเภททีม", "Kind of team",
        ("rapid_response_unit", "หน่วยเคลื่อนที่เร็ว", "Rapid Response Unit"),
        ("day_team", "ทีมกลางวัน", "Day Team"), ("night_team", "ทีมกลางคืน", "Night Team"),
        ("multidisciplinary_team", "ทีมสหวิชาชีพ", "Multidisciplinary team"),
        ("one_home_team", "ทีม พม. หนึ่งเดียว", "One Home team"),
    ),
    _list(
        "agency_kind", "ประเภทหน่วยงาน", "Kind of agency",
        ("husec", "ศูนย์เร่งรัดจัดการสวัสดิภาพประชาชน (ศรส.)", "HuSEC centre"),
        ("provincial_office", "สำนักงาน พมจ.", "Provincial office"),
        ("technical_support_office", "สสว.", "Technical support office"),
        ("tambon_centre", "ศูนย์ช่วยเหลือสังคมตำบล", "Tambon assistance centre"),
        ("children_family_shelter", "บ้านพักเด็กและครอบครัว", "Shelter for children and families"),
        ("destitute_protection_centre", "ศูนย์คุ้มครองคนไร้ที่พึ่ง", "Protection centre for the destitute"),
        ("royal_thai_police", "สำนักงานตำรวจแห่งชาติ", "Royal Thai Police"),
        ("hospital", "โรงพยาบาล", "Hospital"),
        ("local_authority", "องค์กรปกครองส่วนท้องถิ่น", "Local authority"),
        ("school", "สถานศึกษา", "School"),
        ("eef", "กสศ.", "Equitable Education Fund"),
        ("onde", "สดช.", "Office of the National Digital Economy"),
        ("foundation", "มูลนิธิ", "Foundation"),
        ("?other", "อื่น ๆ", "Other"),
    ),
    _list(
        "area_level", "ระดับพื้นที่", "Area level",
        ("province", "จังหวัด", "Province"), ("district", "อำเภอ/เขต", "District"),
        ("tambon", "ตำบล/แขวง", "Tambon"), ("village", "หมู่บ้าน", "Village"),
    ),
    _list(
        "outreach_kind", "ประเภทกิจกรรม", "Kind of activity",
        ("online", "ประชาสัมพันธ์ออนไลน์", "Public communication, online"),
        ("offline", "ประชาสัมพันธ์ในพื้นที่", "Public communication, offline"),
        ("patrol", "ลงพื้นที่เชิงรุก", "Outreach patrol"), ("training", "อบรม/ประชุม", "Training or meeting"),
        assumed=True,
    ),
    _list(
        "conflict_risk", "สิ่งที่อาจเสียหาย", "What is at stake",
        ("safety", "ความปลอดภัย", "Safety"), ("identity", "ตัวบุคคล", "Identity"), ("money", "เงิน", "Money"),
        ("closure", "การยุติเรื่อง", "Closing"), ("ordinary", "ทั่วไป", "Ordinary"),
    ),
    _list(
        "conflict_status", "สถานะข้อขัดแย้ง", "Conflict status",
        ("open", "รอเจ้าหน้าที่ตรวจ", "Waiting for staff"), ("resolved", "ตัดสินแล้ว", "Decided"),
    ),
    _list(
        "privacy", "ชั้นข้อมูล", "Privacy class",
        ("normal", "ทั่วไป", "Normal"), ("personal", "ส่วนบุคคล", "Personal"),
        ("sensitive", "อ่อนไหว", "Sensitive"), ("protected", "คุ้มครอง", "Protected"),
    ),
)  # fmt: skip

VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {found.name: found for found in (*_INTAKE, *_CASE, *_PEOPLE, *_HELP, *_ORGANISATION)}
)


def label(vocabulary: str, code: str) -> Label:
    """Return the label of a code.

    :raises KeyError: for a list or code that does not exist.
    """
    return VOCABULARIES[vocabulary].codes[code].label
