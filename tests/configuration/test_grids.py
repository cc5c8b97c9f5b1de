from hypothesis import given
from hypothesis import strategies as st

from lossbasins.configuration.grids import parse_attack


@given(weight=st.floats(1e-6, 1e6), size=st.integers(1, 10**6))
def test_an_attack_is_read_back_from_its_name(weight, size):
    name = f"w{weight:.3f}-n{size}" if weight >= 1e-3 else f"w{weight:.0e}-n{size}"
    attack = parse_attack(name)
    assert parse_attack(attack.name) == attack
