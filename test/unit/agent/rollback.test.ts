import { expect, test } from "vitest";
import { breakCheckout, enterAgent, imageOf, setStage } from "./support.ts";

test("a failed deployment is reported, rolled back in one patch, and reported well again", async () => {
	const stage = await setStage();
	const { kube, edge } = stage;
	await breakCheckout(stage);
	enterAgent(stage);
	await edge.until(() => edge.workload("checkout")?.canPatch === true, "the report of checkout");
	expect(edge.workload("checkout")).toMatchObject({ revision: 3, state: "degraded", reason: "ProgressDeadlineExceeded" });

	edge.rollBack("c1", "checkout", 2);
	await edge.until(() => edge.command("c1").state === "succeeded", "the rollback");

	expect(imageOf(stage, "checkout")).toBe("1.4.2");
	expect(kube.patchesOf("checkout", { applied: true })).toHaveLength(1);
	expect(edge.command("c1")).toMatchObject({ applied: true, revision: 4, reason: null });
	await edge.until(() => edge.workload("checkout")?.state === "healthy", "the healthy report");
	expect(edge.workload("checkout")).toMatchObject({ revision: 4, commandId: "c1" });
	expect(edge.nonsense).toEqual([]);
});
