"""Verbs that leave it to their object what is asked for."""

_LIGHT = (
    "gimme do_me_up do_me do_up knock_up bash_out rustle_up crank_out throw_together draw_up "
    "sort_out sort "
    "make_me write_me give_me get_me fix_me_up prepare_me hit_me_with whip_me_up spin_up turn_out "
)
"""What goes with any object, however it is put."""

_OWN: dict[str, str] = {
    "invoice": (
        "send make create issue raise write draft prepare do generate get give need want cut "
        "submit put_together knock_out whip_up fire_off shoot set_up schick schicke stell stelle "
        "erstelle erstell mach mache schreib schreibe sende envía envia envíale manda mándale "
        "mandale haz hazle ponle pásale emítele prepara crea emite genera envoie fais prépare "
        "établis rédige crée faire "
        "new one another the issue_out an a forward email e-mail mail"
    ),
    "email": (
        "send write draft drop shoot prepare compose fire_off pen type give do make schick schicke "
        "schreib schreibe sende escribe envía envia manda mándale redacta envoie écris ecris "
        "rédige prépare need new do a an"
    ),
    "refund": (
        "issue make do give send process arrange initiate need trigger new mach gib haz fais a"
    ),
    "remind": (
        "send issue write draft shoot drop give fire_off do schick schicke sende schreib schreibe "
        "envía manda envoie fais send_out prepare need follow_up_with a new get time_for"
    ),
    "reminder": (
        "set create make add need give put schedule i'd_like want new stell stelle setz mach pon "
        "crea mets crée a set_up have program"
    ),
    "plan": (
        "make create plan draft write prepare need want do build give put_together i'd_like "
        "sketch_out map_out work_out come_up_with set_up mach erstell erstelle haz prepara crea "
        "fais prépare propose outline design develop a new"
    ),
    "content": (
        "write draft create make do need prepare compose whip_up put_together want produce schreib "
        "schreibe verfass verfasse escribe redacta crea écris ecris rédige new publish i'd_like "
        "get_me turn_out sketch knock_out bang_out pen give_me generate haz mach fais a"
    ),
    "meeting": (
        "put book schedule set_up arrange plan organise organize make fix add create pencil "
        "pencil_in need want block have get leg trag mach vereinbare plane setz stell organisiere "
        "buch apunta apúntame agenda agéndame pon ponme programa reserva organiza mets planifie "
        "cale prévois note organise fixe réserve slot enter log find put_in stick setup do new "
        "line_up confirm squeeze_in reserve fix_up i'd_like a an"
    ),
    "lead": (
        "add put note new create save log make file record register put_down jot_down got have "
        "write_down enter stick trag notiere füg añade agrega apunta anota ajoute note enregistre "
        "a park"
    ),
    "client": (
        "add set_up create new make register put open get take welcome sign_up start leg füg "
        "richte añade crea da_de_alta alta ajoute crée enregistre enter setup a"
    ),
}

GENERAL = {kind: _LIGHT + verbs for kind, verbs in _OWN.items()}
"""Verbs (and the "new" and "a" of telegram style) that take a noun of a kind as their object."""
