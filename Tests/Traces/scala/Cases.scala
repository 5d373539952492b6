// Errors of Scala, one per way to fail.
package com.acme

import scala.concurrent.{Await, Future}
import scala.concurrent.ExecutionContext.Implicits.global
import scala.concurrent.duration._

class Overdrawn(number: Int) extends Exception(s"account $number")

object Cases {
  def pay(number: Int): Int = throw new Overdrawn(number)
  def take(number: Int): Int =
    try pay(number) catch { case error: Overdrawn => throw new IllegalStateException("payment failed", error) }

  def caught(act: => Unit): Unit = try act catch { case error: Throwable => error.printStackTrace() }

  def main(arguments: Array[String]): Unit = arguments(0) match {
    case "plain" => caught(pay(17))
    case "cause" => caught(take(17))
    case "matchError" => caught((17: Any) match { case _: String => () })
    case "option" => caught(None.get)
    case "future" => caught(Await.result(Future(take(17)), 5.seconds))
    case "mapped" => caught(List(17).map(pay))
    case "uncaught" => take(17)
  }
}
