import { Form, useNavigation } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button } from "../../ui/Button.tsx";

type ActButtonProps = {
	act: string;
	id?: string;
	/** Names the button for those who do not see what it stands beside. */
	name: string;
	words: string;
	tone?: "plain" | "danger";
	/** The id of the sentence that says why it is disabled; absent where it is not. */
	whyId?: string | undefined;
	children?: ReactNode;
};

/** A form of one button, with or without scripts. */
export function ActButton({ act, id, name, words, tone = "plain", whyId, children }: ActButtonProps) {
	const navigation = useNavigation();
	const { formData } = navigation;
	const isBusy = navigation.state !== "idle" && formData?.get("act") === act && (formData.get("id") ?? "") === (id ?? "");
	return (
		<Form method="post" preventScrollReset className="flex items-center gap-1.5">
			<input type="hidden" name="act" value={act} />
			{id !== undefined && <input type="hidden" name="id" value={id} />}
			{children}
			<Button type="submit" size="sm" tone={tone} busy={isBusy} disabled={whyId !== undefined} aria-describedby={whyId} aria-label={name}>
				{words}
			</Button>
		</Form>
	);
}

/** The same for what can't be undone: the first press only shows what it does, the second does it. */
export function SureButton({ consequence, ...button }: ActButtonProps & { consequence: string }) {
	if (button.whyId !== undefined) return <ActButton {...button} />;
	return (
		<details className="group/sure">
			<summary
				aria-label={`${button.name}…`}
				className="target flex h-6.5 w-fit cursor-pointer list-none items-center rounded-ctl border border-ctl bg-s1 px-2.5 text-sec font-medium hover:bg-s2 [&::-webkit-details-marker]:hidden"
			>
				{button.words}…
			</summary>
			<div className="mt-1.5 flex flex-wrap items-center gap-2 rounded-ctl border border-line2 bg-s2 p-2.5">
				<p className="text-sec text-t2">{consequence}</p>
				<ActButton {...button} tone="danger" />
			</div>
		</details>
	);
}
