"""Only the services of opportunities write where a deal stands and who drives it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUARDED = {"stage", "stage_id", "status", "closed_on", "stage_entered_at", "lost_reason", "lost_reason_id"}
GUARDED |= {"owner", "owner_id", "partner_manager", "partner_manager_id"}
# The services; history written whole for a demo; migrations, which work on other models of the same name.
DOORS = ("opportunities/services/", "partnerhub/demo/rows.py")
WRITERS = {"create", "update", "bulk_create", "update_or_create", "get_or_create", "bulk_update"}
DEALS = ("Opportunity", "deal", "opportunity", "opportunities")


def sources():
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if (
            not name.startswith((*DOORS, ".", "tests/", "node_modules/", "var/"))
            and "/migrations/" not in name
        ):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def is_deal(node):
    """Whether an expression is named like a deal, or like many."""
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    names += [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return any(name == one or name.endswith(f"_{one}") for name in names for one in DEALS)


def writes(tree):
    """Lines that set a guarded column of a deal: by assignment, setattr, or a writing call."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in GUARDED and is_deal(target.value):
                yield node.lineno
        if isinstance(node, ast.Call) and _is_write(node):
            yield node.lineno


def _is_write(call):
    named = {keyword.arg for keyword in call.keywords} & GUARDED
    if isinstance(call.func, ast.Name):
        made = call.func.id == "Opportunity" and bool(named)
        set_by_name = call.func.id == "setattr" and is_deal(call.args[0])
        return made or set_by_name
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITERS
        and bool(named)
        and is_deal(call.func)
    )


def test_nothing_else_writes_stage_or_people_of_deals():
    found = [f"{name}:{line}" for name, tree in sources() for line in writes(tree)]
    assert found == []


def test_the_scan_sees_every_way_of_writing():
    for code in [
        "deal.stage = stage",
        "self.deal.owner_id = 5",
        "Opportunity.objects.filter(pk=1).update(status='won')",
        "Opportunity(name='x', stage=stage)",
        "Opportunity.objects.create(name='x', owner=ana)",
        "setattr(deal, 'stage', stage)",
        "person.opportunities.update(owner=None)",
    ]:
        assert list(writes(ast.parse(code))), code
    for code in [
        "form.stage = stage",
        "stage.deal = deal",
        "Stage.objects.update(status=1)",
        "x = deal.stage",
    ]:
        assert not list(writes(ast.parse(code))), code
