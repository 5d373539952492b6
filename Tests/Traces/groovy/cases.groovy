// Errors of Groovy, one per way to fail.
class Overdrawn extends RuntimeException {
    Overdrawn(String text, Throwable cause = null) { super(text, cause) }
}

def pay(number) { throw new Overdrawn("account $number") }

def take(number) {
    try { pay(number) } catch (Overdrawn error) { throw new IllegalStateException("payment failed", error) }
}

switch (args[0]) {
    case "plain": pay(17); break
    case "cause": take(17); break
    case "closure": [17].each { pay(it) }; break
    case "missing": "a".noSuchMethod(); break
    case "assertion": assert [1, 2].sum() == 4; break
    case "printed": try { take(17) } catch (Exception error) { error.printStackTrace() }; break
}
