"""Given names that nearly always are a woman's or a man's, of many languages: whom "she" and "he" may mean. Names
of both (Andrea, Jean, Kim, Robin, Sasha) are not here."""

from __future__ import annotations

WOMEN = frozenset(
    """
    Abigail Adriana Agnes Aisha Alexandra Alice Alicia Alina Alisa Alla Alyona Amal Amalia Amanda Amelia Amina Amy
    Ana Anastasia Angela Angelina Anita Ann Anna Annalena Anne Annette Annika Antonia Anya Ariana Asha Ashley
    Astrid Asma Ayesha Aung Barbara Beatrice Benazir Bernadette Bertha Beth Betsy Betty Beverly Bianca Birgit
    Bonnie Brenda Bridget Brigitte Camilla Carla Carly Carmen Carol Carolina Caroline Carolyn Catherine Cecilia
    Celia Charlotte Cheryl Chiara Christina Christine Cindy Clara Claudia Colleen Concetta Condoleezza Consuelo
    Corazon Cristina Cynthia Dalia Daniela Danielle Daria Debbie Deborah Debra Diana Diane Dina Dolores Donna Dora
    Doris Dorothy Edith Eileen Ekaterina Elaine Eleanor Elena Eleni Elisa Elisabeth Eliza Elizabeth Ella Ellen
    Elsa Elvira Emily Emma Erica Erika Esperanza Esther Eugenia Eva Eve Evelyn Fatima Fatma Fiona Florence Frances
    Francesca Frederica Gabriela Gabriella Galina Georgia Geraldine Gertrude Gina Giorgia Gloria Golda Grace Greta
    Gretchen Gwen Hailey Hannah Harriet Heather Heidi Helen Helena Helga Hilary Hillary Huma Ida Imelda Indira
    Ines Ingrid Irene Irina Iris Isabel Isabella Ivanka Jacinda Jacqueline Jane Janet Janice Jasmine Jeanne Jenna
    Jennifer Jenny Jessica Jill Joan Joanna Joanne Jocelyn Josephine Joyce Juana Judith Judy Julia Juliana Julie
    Juliet Justine Kaja Kamala Karen Karin Kate Katarina Katherine Kathleen Kathryn Kathy Katie Katrina Katya
    Kayla Kellyanne Kira Kirsten Kirstjen Kristalina Kristen Kristina Ksenia Lara Larisa Laura Lauren Layla Lea
    Leah Leila Lena Leonor Leticia Lidia Liliana Lillian Lina Linda Lisa Liz Liza Loretta Lorraine Louise Lucia
    Lucy Ludmila Luisa Lydia Lynn Lyudmila Madeleine Madeline Magdalena Maggie Maia Malala Marcia Margaret
    Margarita Margrethe Maria Mariam Marianna Marianne Marina Marine Marisa Marjorie Marta Martha Mary Maryam
    Matilda Maureen Maya Megan Meghan Megyn Melania Melinda Melissa Mercedes Mette Michelle Mildred Miranda Miriam
    Molly Mona Monica Myra Nadezhda Nadia Nancy Naomi Natalia Natalie Natalya Natasha Nathalie Nichola Nicola
    Nicole Nina Noor Nora Norma Nuria Octavia Olga Olivia Oksana Olena Olesya Pamela Patricia Paula Pauline
    Penelope Penny Phyllis Polina Priscilla Priti Priya Rachel Rania Raisa Rebecca Regina Renata Rhonda Rita
    Roberta Rosa Rosalind Rose Rosemary Roxana Ruth Sabina Sabrina Salome Samantha Sandra Sanna Sara Sarah Shabnam
    Shannon Sharon Sheikha Sheila Shelly Sheryl Shirley Silvia Simone Sofia Sonia Sonja Sophia Sophie Stacey
    Stella Stephanie Susan Susana Susanna Susanne Suzanne Svetlana Sylvia Tamara Tammy Tania Tanya Tara Tatiana
    Tatyana Teresa Theresa Tina Tiffany Tracy Tulsi Ursula Valentina Valeria Valerie Vanessa Vera Veronica
    Veronika Victoria Viktoria Violeta Virginia Vivian Wanda Wendy Whitney Winifred Xenia Yelena Yekaterina
    Yevgenia Yulia Yuliya Yvette Yvonne Zainab Zara Zinaida Zoe Zoya Zuzana
    """.split()
)
MEN = frozenset(
    """
    Aaron Abdel Abdul Abdullah Abdulaziz Abe Abel Abraham Adam Adolf Adrian Ahmad Ahmed Aidan Akbar Akram Alan
    Albert Alberto Alejandro Aleksandr Aleksei Alessandro Alexander Alexei Alexey Alfred Ali Alistair Allan Allen
    Alvaro Amir Anatoly Anders Andre Andreas Andrei Andres Andrew Andrey Andrij Andriy Angus Anthony Anton Antonio
    Antony Arkady Armin Arnold Artem Arthur Artur Artyom Arturo Asad Ashraf Asif Augusto Austin Axel Ban Barack
    Barry Bashar Ben Benjamin Bernard Bernardo Bernie Bill Bob Bobby Boris Brad Bradley Brendan Brett Brian Bruce
    Bruno Bryan Byron Carl Carlo Carlos Cesar Chad Charles Chester Chris Christian Christopher Chuck Claude
    Clayton Clifford Colin Connor Corey Craig Curtis Cyril Dale Damian Damien Dan Daniel Danny Darren Dave David
    Dean Denis Dennis Derek Devin Dick Diego Dieter Dimitri Dirk Dmitri Dmitry Dominic Don Donald Douglas Duncan
    Dustin Dwight Earl Ebrahim Eddie Edgar Eduardo Edward Edwin Egor Ehud Elias Elijah Elmar Emil Emilio Emmanuel
    Enrique Eric Erik Ernest Ernesto Ethan Eugene Evgeny Farid Felipe Felix Ferdinand Fernando Fidel Florian
    Francesco Francisco Franco Frank Frans Fred Frederick Friedrich Fyodor Gabriel Garry Gary Gavin Gennady
    Geoffrey Georg George Georges Georgy Gerald Gerard Gerhard German Giorgio Giovanni Giuseppe Glenn Gordon
    Graham Greg Gregory Grigory Guillaume Guillermo Gunther Gustavo Guy Hamid Hans Harold Harry Hasan Hassan
    Hector Heinrich Helmut Henri Henry Herbert Herman Hosni Howard Hubert Hugh Hugo Hussein Ian Ibrahim Ignacio
    Igor Ilya Imran Isaac Ismail Ivan Jack Jacob Jacques Jaime Jair Jake Jakub James Jan Jared Jason Javier Jeb
    Jeff Jeffrey Jens Jeremy Jerome Jerry Jesus Jim Jimmy Joachim Joe Joel Joern Johan Johann Johannes John Johnny
    Jon Jonas Jonathan Jorge Jose Josef Joseph Joshua Juan Julio Julius Justin Kaius Karl Kassym Keir Keith Ken
    Kenneth Kevin Khalid Kirill Kofi Kurt Lars Larry Laurent Lawrence Lee Leo Leon Leonard Leonid Leopold Leroy
    Liam Lloyd Lorenzo Louis Luca Lucas Luis Luiz Lukas Luke Maksim Malcolm Manfred Manuel Marc Marcel Marco
    Marcos Marcus Mario Mark Markus Marshall Martin Marvin Massimo Mateo Mateusz Matt Matteo Matthew Matthias
    Maurice Mauricio Max Maxim Mehmet Michael Michel Miguel Mike Mikhail Mikheil Milan Milos Miroslav Mitch Mitt
    Mohamed Mohammad Mohammed Muhammad Murray Mustafa Nathan Nathaniel Neil Nelson Newt Nicholas Nick Nicolas
    Nigel Nikita Nikolai Nikolay Noah Nobuyuki Norman Oleg Oleksandr Oleksiy Oliver Olivier Omar Oscar Osama Otto
    Owen Pablo Paolo Patrick Paul Pavel Pedro Per Pervez Pete Peter Petr Petro Philip Philippe Phillip Pierre
    Pietro Piotr Rafael Rahul Raj Ralph Ramzan Randall Randy Raphael Raul Ray Raymond Recep Reince Reinhard Rex
    Ricardo Richard Rick Robert Roberto Rod Rodney Rodrigo Roger Roland Rolf Roman Ron Ronald Ross Roy Ruben
    Rudolf Rudy Rupert Russell Ryan Saeed Salman Salvador Sam Samuel Scott Sean Sebastian Sergei Sergey Sergio
    Seth Shaun Shinzo Sigmar Silvio Simon Slobodan Spencer Stanislav Stanley Stefan Stephen Steve Steven Stuart
    Sven Tariq Tayyip Ted Terry Theodore Thomas Tim Timothy Timur Tobias Toby Todd Tom Tommy Tony Travis Trevor
    Trey Umar Uwe Vadim Valery Vasily Victor Viktor Vin Vincent Vitaly Vito Vladimir Volodymyr Vyacheslav Wade
    Waldemar Walter Warren Wayne Werner Wilhelm Willem William Wolfgang Xavier Yasser Yevgeny Yitzhak Yoshihide
    Yukio Yuri Yury Yusuf Zachary
    """.split()
)
