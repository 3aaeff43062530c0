"""Chat judged by a model, in the forms of LogicKor and MT-Bench.

form           what is asked and how it is judged: `ds_configs/judged/*.yaml`, words on top
questions      questions of the published shapes, from files that the user names
given          answers, and scores, that somebody recorded
conversation   one question, turn after turn, and what was answered
judging        ask for answers, ask the judge, read scores
score          a judge's score, strictly, and what an answer in another language loses
numbers        means with standard errors, as rows of the lake's `evals`
agreement      how a judge's scores go with published ones

It asks through `kormo_ds.generate`; `kormo_ds.cli.judged` is its command.
"""
