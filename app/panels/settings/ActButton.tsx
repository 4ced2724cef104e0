import { Form, useNavigation } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button } from "../../ui/Button.tsx";
import { Menu } from "../../ui/Menu.tsx";

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
		<Menu
			name={`${button.name}…`}
			opener={`${button.words}…`}
			openerClass="target flex h-6.5 w-fit cursor-pointer items-center rounded-ctl border border-ctl bg-s1 px-2.5 text-sec font-medium hover:bg-s2"
			// Beside nothing that it would push away; on phones where the thumb is.
			panelClass="w-80 sm:top-full sm:right-0 sm:mt-1 max-sm:fixed max-sm:inset-x-3 max-sm:bottom-20 max-sm:w-auto"
		>
			<div className="flex flex-col items-end gap-2.5 p-2">
				<p className="w-full text-sec text-t2">{consequence}</p>
				<ActButton {...button} tone="danger" />
			</div>
		</Menu>
	);
}
