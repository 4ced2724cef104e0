import type { ClientActionFunctionArgs } from "@remix-run/react";
import { answerOrTold } from "../../live/answer-or-told.ts";

/**
 * The client action of a settings page: where no answer comes, that is said beside the button that was pressed, and the page stays.
 * `id` is of the row that the button stands in.
 */
export async function actOrTold({ request, serverAction }: ClientActionFunctionArgs) {
	const form = await request.clone().formData();
	const answer = await answerOrTold(() => serverAction<object>());
	if (!("ok" in answer) || answer.ok !== false || "act" in answer) return answer;
	return { ...answer, act: String(form.get("act") ?? ""), id: form.has("id") ? String(form.get("id")) : null };
}
