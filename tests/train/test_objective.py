from kormo_ds.compose import load_run
from kormo_ds.train.objective import Objective


def test_terms_of_a_run():
    assert Objective.of(load_run("smoke")) == Objective()
    words = ["model.mtp_depth=2", "model.mtp_weight=0.4", "optim.z_loss=0.01"]
    assert Objective.of(load_run("smoke", words)) == Objective(2, 0.4, 0.01)


def test_each_term_has_its_own_denominator():
    objective = Objective(mtp_depth=2, mtp_weight=0.4, z_loss=0.01)
    counts = [10, 8, 0, 10]
    assert objective.names == ["loss", "mtp_loss_1", "mtp_loss_2", "z_loss"]
    assert objective.weights(counts) == [0.1, 0.2 / 8, 0.0, 0.01 / 10]
    assert objective.report([30.0, 16.0, 0.0, 50.0], counts) == {
        "loss": 3.0,
        "mtp_loss_1": 2.0,
        "mtp_loss_2": 0.0,
        "z_loss": 0.05,
    }
