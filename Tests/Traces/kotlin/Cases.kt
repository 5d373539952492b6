// Errors of Kotlin, one per way to fail.
package com.acme

class Overdrawn(number: Int) : Exception("account $number")

fun pay(number: Int): Int = throw Overdrawn(number)

fun take(number: Int): Int = try { pay(number) } catch (error: Overdrawn) { throw IllegalStateException("payment failed", error) }

fun caught(act: () -> Unit) = try { act() } catch (error: Throwable) { error.printStackTrace() }

fun main(arguments: Array<String>) {
    when (arguments[0]) {
        "plain" -> caught { pay(17) }
        "cause" -> caught { take(17) }
        "nothing" -> caught { val text: String? = null; text!!.length }
        "cast" -> caught { (17 as Any) as String }
        "lazy" -> caught { val number by lazy { take(17) }; println(number) }
        "sequence" -> caught { sequenceOf(17).map { pay(it) }.toList() }
        "uncaught" -> take(17)
    }
}
