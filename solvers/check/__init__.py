"""What a lawful plan is and what it costs, without any solver: the judge of every solver's answer."""

from solvers.check.judge import judge
from solvers.check.judgement import RULES, Judgement, RuleName, Violation

__all__ = ["RULES", "Judgement", "RuleName", "Violation", "judge"]
